"""Neural networks' functions: `tf.nn`."""

from graphlab_nb.ops.activations import *
from graphlab_nb.ops.conv import *
from graphlab_nb.ops.conv_more import *
from graphlab_nb.ops.depthwise import *
from graphlab_nb.ops.dropout import *
from graphlab_nb.ops.indexing import embedding_lookup as embedding_lookup
from graphlab_nb.ops.moments import *
from graphlab_nb.ops.normalize import *
from graphlab_nb.ops.pool import *
from graphlab_nb.ops.selection import in_top_k as in_top_k
from graphlab_nb.ops.selection import top_k as top_k
from graphlab_nb.ops.softmax import *
from graphlab_nb.ops.special import sigmoid as sigmoid
from graphlab_nb.ops.special import tanh as tanh
