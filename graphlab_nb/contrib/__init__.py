"""`tf.contrib`: of TensorFlow's contributed modules, what programs used most."""

from graphlab_nb import export as _export
from graphlab_nb.contrib import layers as layers

_export.suggest(layers)


def __dir__() -> list[str]:
    """What tab completion offers."""
    return ["layers"]
