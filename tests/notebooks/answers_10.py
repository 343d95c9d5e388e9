"""Right and wrong answers to the exercises of notebook 10."""

import numpy as np

import graphlab_nb as tf


def weights(session):
    return {v.op.name: session.run(v) for v in tf.trainable_variables()}


def weights_at_once(session):
    return session.run({v.name: v for v in tf.trainable_variables()})


def everything(session):
    return session.run({v.op.name: v for v in tf.all_variables()})


def first_values(session):
    with tf.Session(graph=session.graph) as other:
        other.run("init")
        return weights(other)


def load(session, values):
    for v in tf.all_variables():
        v.load(values[v.op.name], session)


def load_by_initializer(session, values):
    for v in tf.all_variables():
        session.run(v.initializer, {v.initial_value: values[v.op.name]})


def assign(session, values):
    for v in tf.all_variables():
        session.run(tf.assign(v, values[v.op.name]))


def load_trained(session, values):
    for v in tf.trainable_variables():
        v.load(values[v.op.name], session)
    session.run("steps/Assign")


def load_only_trained(session, values):
    for v in tf.trainable_variables():
        v.load(values[v.op.name], session)


def load_what_there_is(session, values):
    for v in tf.all_variables():
        if v.op.name in values:
            v.load(values[v.op.name], session)


def initialize(session, values):
    session.run("init")


REPEATS = [True, False, True, False]

RIGHT = {
    "10.1": [weights, weights_at_once],
    "10.2": [REPEATS, tuple(REPEATS), np.array(REPEATS), list(np.array(REPEATS))],
    "10.3": [load, load_by_initializer],
}
WRONG = {
    "10.1": [everything, first_values, lambda s: {v.op.name: v for v in tf.trainable_variables()}, lambda s: {},
             lambda s: list(weights(s).values()), lambda s: {v: s.run(v) for v in tf.trainable_variables()}, lambda s: None,
             lambda: {}, dict, "W", None, lambda s: {"net/W": s.run("net/W:0")}],
    "10.2": [[True] * 4, [False] * 4, REPEATS[:3], [1, 0, 1, 0], ["True", "False", "True", "False"], "True", True, None,
             REPEATS[::-1]],
    "10.3": [assign, load_trained, load_only_trained, load_what_there_is, initialize, lambda s, v: None, lambda s: None, lambda: None, 3, None],
}  # fmt: skip
