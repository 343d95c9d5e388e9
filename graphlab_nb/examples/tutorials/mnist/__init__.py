"""MNIST: its data (`input_data`), the Mechanics 101 net (`mnist`) and programs that train, run with `python -m`."""

from graphlab_nb.examples.tutorials.mnist import input_data, mnist

__all__ = ["input_data", "mnist"]


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted(__all__)
