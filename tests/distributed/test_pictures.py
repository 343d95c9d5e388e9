"""Pictures of sessions on a cluster, and of variables there."""

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.notebook.session_picture import draw_session
from graphlab_nb.notebook.variable_picture import draw_variable

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:More than 10MB"),
]


def test_what_a_cluster_has_is_drawn(cluster):
    with tf.Graph().as_default() as graph, tf.device("/job:ps/task:0"):
        w = tf.Variable(np.arange(12.0).reshape(3, 4), name="drawn_w")
        whole = tf.Variable(np.int64(2**53 + 1), name="drawn_n")
        large = tf.Variable(tf.zeros([2500, 2500]), name="drawn_large")
        with tf.Session(cluster.target, graph=graph) as sess:
            assert "drawn_w [3, 4] float64: no value yet" in draw_session(sess)[1]
            assert "It is not initialized" in draw_variable(w)[1]
            sess.run(tf.global_variables_initializer())
            label = draw_session(sess)[1]
            assert label.startswith(f"tf.Session {sess.number}: open, 1 run, {cluster.target}: ")
            assert "/job:ps/task:0/device:CPU:0" in label
            assert "drawn_w [3, 4] float64: mean 5.5, deviation 3.452, min 0, max 11" in label
            assert "drawn_large [2500, 2500] float32: mean 0" in label  # reduced where it is
            picture, label = draw_variable(w)
            assert "mean 5.5 \u00b7" in label and "How many numbers lie where" in picture
            assert draw_variable(whole)[1].endswith("value 9007199254740993")
            assert "mean 0 \u00b7" in draw_variable(large)[1]
        assert "closed, 1 run" in draw_session(sess)[1]


def test_lanes_are_drawn(cluster):
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    with tf.Graph().as_default() as graph:
        with tf.device("/job:ps/task:0"):
            x = tf.placeholder(tf.float32, [1000]) * 2.0
        with tf.device("/job:worker/task:1"):
            y = x + 1.0
        with tf.Session(cluster.target, graph=graph) as sess:
            with pytest.raises(ValueError, match="Nothing ran in the session yet"):
                tf.notebook.plots.draw_lanes(axes, sess)
            sess.run(y, {x: np.ones(1000)})
            sess.run(y, {x.op.inputs[0]: np.ones(1000)})
            tf.notebook.plots.draw_lanes(axes, sess)
    named = [label.get_text() for label in axes.get_yticklabels()]
    assert {"/job:ps/task:0", "/job:worker/task:1"} <= set(named)
    assert [text.get_text() for text in axes.texts if text.get_text()] == [" 4 kB"]
