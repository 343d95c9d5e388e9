"""Answers to the exercises of notebook 09."""

import numpy as np
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import graphlab_nb as tf


def scale(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / spread, (test - mean) / spread


def scale_by_scikit_learn(train, test):
    scaler = StandardScaler().fit(train)
    return [scaler.transform(train), scaler.transform(test)]


def scale_with_sample_spread(train, test):
    return (train - train.mean(0)) / train.std(0, ddof=1), (test - train.mean(0)) / train.std(0, ddof=1)


def scale_in_a_session(train, test):
    with tf.Graph().as_default(), tf.Session() as session:
        mean, variance = tf.nn.moments(tf.constant(train, tf.float32), [0])
        return tuple(
            session.run([(tf.constant(part, tf.float32) - mean) / tf.sqrt(variance) for part in (train, test)])
        )


def leaking(train, test):
    both = np.concatenate([train, test])
    return (train - both.mean(axis=0)) / both.std(axis=0), (test - both.mean(axis=0)) / both.std(axis=0)


def each_by_itself(train, test):
    return (train - train.mean(0)) / train.std(0), (test - test.mean(0)) / test.std(0)


def one_mean_for_all(train, test):
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()


def only_shifted(train, test):
    return train - train.mean(axis=0), test - train.mean(axis=0)


def choose(truth, p):
    sick = np.sort(p[truth == 1])
    return sick[int(0.02 * len(sick))]


def choose_by_trying(truth, p):
    return max(t for t in p if np.mean(p[truth == 1] >= t) >= 0.98)


def choose_by_quantile(truth, p):
    return float(np.quantile(p[truth == 1], 0.02, method="lower"))


def wine_parts():
    wine = load_wine()
    return train_test_split(wine.data, wine.target, test_size=0.3, stratify=wine.target, random_state=0)


def softmax_of_wines(scaled=True):
    """The evidence of a softmax regression for the wines of the test part."""
    train_x, test_x, train_y, _ = wine_parts()
    if scaled:
        train_x, test_x = scale(train_x, test_x)
    with tf.Graph().as_default(), tf.Session() as session:
        x, y = tf.placeholder(tf.float32, [None, 13]), tf.placeholder(tf.int64, [None])
        logits = tf.matmul(x, tf.Variable(tf.zeros([13, 3]))) + tf.Variable(tf.zeros([3]))
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(logits=logits, labels=y))
        step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
        session.run(tf.initialize_all_variables())
        for _ in range(200):
            session.run(step, {x: train_x, y: train_y})
        return session.run(logits, {x: test_x})


def wines_by_scikit_learn():
    train_x, test_x, train_y, _ = wine_parts()
    train_x, test_x = scale(train_x, test_x)
    return LogisticRegression().fit(train_x, train_y).predict(test_x)


def tensor():
    """Classes that are still a tensor."""
    with tf.Graph().as_default():
        return tf.argmax(tf.zeros([54, 3]), 1)


RIGHT = {
    "09.1": [lambda: scale, lambda: scale_by_scikit_learn, lambda: scale_with_sample_spread, lambda: scale_in_a_session],
    "09.2": [lambda: choose, lambda: choose_by_trying, lambda: choose_by_quantile, lambda: (lambda t, p: np.array([choose(t, p)]))],
    "09.3": [
        lambda: softmax_of_wines().argmax(axis=1), lambda: softmax_of_wines(), wines_by_scikit_learn, lambda: wines_by_scikit_learn().tolist(),
        lambda: wines_by_scikit_learn().astype(np.float32),
    ],
}  # fmt: skip
WRONG = {
    "09.1": [
        lambda: leaking, lambda: each_by_itself, lambda: one_mean_for_all, lambda: only_shifted,
        lambda: (lambda train, test: (train, test)), lambda: (lambda train, test: scale(train, test)[0]),
        lambda: (lambda train, test: scale(train, test)[::-1]), lambda: (lambda train, test: ...), lambda: (lambda train: train),
        lambda: (lambda train, test: ("train", "test")), scale(np.eye(3), np.eye(3)), "scale", None, 0.5, tensor,
    ],
    "09.2": [
        lambda: (lambda truth, p: 0.5), lambda: (lambda truth, p: 0.0), lambda: (lambda truth, p: 1.0), lambda: (lambda truth, p: np.nan),
        lambda: (lambda truth, p: p[truth == 1].min()), lambda: (lambda truth, p: np.quantile(p, 0.02)),
        lambda: (lambda truth, p: np.quantile(p[truth == 1], 0.02, method="higher")), lambda: (lambda truth, p: choose(1 - truth, p)),
        lambda: (lambda truth, p: p), lambda: (lambda truth, p: "low"), lambda: (lambda truth, p: None), 0.2, "choose", None, tensor,
    ],
    "09.3": [
        lambda: softmax_of_wines(scaled=False), lambda: wines_by_scikit_learn()[::-1], lambda: wines_by_scikit_learn() + 1,
        lambda: wines_by_scikit_learn()[:-1], lambda: np.zeros(54), lambda: np.full((54, 3), np.nan), lambda: np.zeros((54, 2)),
        tensor, 0.98, "class 0", None, [], object(), [[0]] * 53 + [[0, 1]], 10**500,
    ],
}  # fmt: skip
