"""`tf.contrib`: of TensorFlow's contributed modules, what programs used most."""

from graphlab_nb import export as _export
from graphlab_nb.contrib import layers as layers
from graphlab_nb.contrib import training as training

_export.suggest(layers, training)


def __dir__() -> list[str]:
    """What tab completion offers."""
    return ["layers", "training"]
