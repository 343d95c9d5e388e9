"""MNIST: its data (`input_data`), the Mechanics 101 net (`mnist`) and programs that train, run with `python -m`."""

from graphlab_nb.examples.tutorials.mnist import input_data, mnist

__all__ = ["input_data", "mnist"]
