"""tf.contrib.layers: regularizers."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab_nb as tf


def test_regularizers_weigh_and_are_collected():
    with tf.Graph().as_default(), tf.Session() as sess:
        l1, l2 = tf.contrib.layers.l1_regularizer(0.5), tf.contrib.layers.l2_regularizer(0.1)
        w = tf.get_variable("w", initializer=tf.constant([1.0, -2.0, 3.0]), regularizer=l2)
        sess.run(tf.initialize_all_variables())
        (collected,) = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
        np.testing.assert_allclose(sess.run([collected, l1(w)]), [0.7, 3.0], rtol=1e-6)
        np.testing.assert_allclose(sess.run(tf.gradients(collected, w)[0]), [0.1, -0.2, 0.3], rtol=1e-6)
        assert tf.contrib.layers.l2_regularizer(0.0)(w) is None


@pytest.mark.parametrize("scale", [-1.0, "much", None, True])
def test_bad_scales_are_named(scale):
    with pytest.raises(ValueError, match="l2_regularizer"):
        tf.contrib.layers.l2_regularizer(scale)
