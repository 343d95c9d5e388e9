"""Neural networks' functions: `tf.nn`."""

from graphlab_nb.ops.activations import *
from graphlab_nb.ops.softmax import *
