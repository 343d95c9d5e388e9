"""What a notebook shows of a graph and its training, and how it steers it.

The only folder that imports IPython, comm, ipywidgets and matplotlib.
"""

from graphlab_nb.notebook.curves import log, watch
from graphlab_nb.notebook.steering import TrainingStopped

__all__ = ["TrainingStopped", "log", "watch"]
