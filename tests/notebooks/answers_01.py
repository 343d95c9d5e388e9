"""Right and wrong answers to the exercises of notebook 01."""

import numpy as np

import graphlab_nb as tf


def row(shape=(None,)):
    return tf.placeholder(tf.float32, shape)


def mean_square():
    x = row()
    return x, tf.reduce_mean(tf.square(x))


def mean_square_by_hand():
    x = tf.placeholder(tf.float32)
    return [x, tf.reduce_sum(x * x) / tf.cast(tf.size(x), tf.float32)]


def mean_square_of_three():
    x = row([3])
    return x, tf.reduce_mean(tf.square(x))


def square_of_mean():
    x = row()
    return x, tf.square(tf.reduce_mean(x))


def another_placeholder():
    return row(), tf.reduce_mean(tf.square(row()))


def turned_around():
    return mean_square()[::-1]


def constant_instead():
    x = tf.constant([3.0, 4.0])
    return x, tf.reduce_mean(tf.square(x))


def doubling():
    v = tf.Variable(1)
    return v, v.assign(v * 2)


def doubling_by_adding():
    v = tf.Variable(1.0)
    return v, tf.assign_add(v, v)


def doubling_as_operation():
    v = tf.Variable(1.0)
    return [v, tf.group(tf.assign(v, v + v))]


def no_change():
    v = tf.Variable(1.0)
    return v, v * 2


def set_to_two():
    v = tf.Variable(1.0)
    return v, tf.assign(v, 2.0)


def one_more():
    v = tf.Variable(1.0)
    return v, v.assign_add(1.0)


def from_two():
    v = tf.Variable(2.0)
    return v, v.assign(v * 2)


def already_run():
    v = tf.Variable(1.0)
    with tf.Session() as sess:
        sess.run(v.initializer)
        return v, sess.run(v.assign(v * 2))


TIMES = ["build", "run", "run", "build", "never"]

RIGHT = {
    "01.1": [mean_square, mean_square_by_hand],
    "01.2": [doubling, doubling_by_adding, doubling_as_operation],
    "01.3": [TIMES, tuple(TIMES), np.array(TIMES), ["Build", " run", "RUN", "build", "never"]],
}
WRONG = {
    "01.1": [mean_square_of_three, square_of_mean, another_placeholder, turned_around, constant_instead, row, 12.5, None,
             (1.0, 2.0), lambda: (row(), 12.5), "x"],
    "01.2": [no_change, set_to_two, one_more, from_two, already_run, lambda: tf.Variable(1.0), lambda: (tf.constant(1.0), tf.no_op()),
             None, 2, (1, 2)],
    "01.3": [["run"] * 5, ["build"] * 4, [*TIMES[:4], "run"], [*TIMES[:4], "always"], [1, 2, 3, 4, 5], "build", None, 5,
             [*TIMES[:4], None]],
}  # fmt: skip
