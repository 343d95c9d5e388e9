"""`tf.contrib`: of TensorFlow's contributed modules, what programs used most."""

from graphlab_nb.contrib import layers as layers
