"""Neural networks' functions: `tf.nn`."""

from graphlab_nb.ops.activations import *
from graphlab_nb.ops.conv import *
from graphlab_nb.ops.dropout import *
from graphlab_nb.ops.moments import *
from graphlab_nb.ops.normalize import *
from graphlab_nb.ops.pool import *
from graphlab_nb.ops.softmax import *
from graphlab_nb.ops.special import sigmoid as sigmoid
from graphlab_nb.ops.special import tanh as tanh
