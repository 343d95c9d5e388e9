"""The exercises of notebook 03: a layer's numbers counted, a third pooling, and a filter for dots."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook.exercises import exercise
from graphlab_nb.notebook.exercises.forms import numbers, same
from graphlab_nb.ops.variables import Variable
from graphlab_nb.shapes import TensorShape

_INK = (0.2, 1.0, 3.0)


@exercise("03.1", hint="Each of the 128 filters has height x width x channels in weights, and one bias")
def numbers_of_a_layer(answer: Any) -> str | None:
    """Weights and biases of a layer of 3 x 3 filters from 64 to 128 channels."""
    found = numbers(answer)
    if found is None:
        return "The answer is to be one number"
    if same(found, [73856.0]):
        return None
    if same(found, [73728.0]):
        return "These are the weights: the biases are missing"
    if same(found, [1280.0]):
        return "Each filter looks at all 64 channels, so it has more than nine weights"
    if same(found, [73792.0]):
        return "There is a bias for each channel that comes out, not for each that goes in"
    return f"It is not {found[0]:,.10g}"


@exercise("03.2", hint="h_pool2 is [50, 7, 7, 64]; with SAME, what is left over at the rim gets a result of its own")
def third_pooling(answer: Any) -> str | None:
    """The shape of a batch of 50 after a third pooling of the net."""
    if isinstance(answer, TensorShape):
        answer = answer.as_list()
    found = numbers(answer, 4)
    if found is None:
        return "The answer is to be four numbers: images, height, width, channels"
    if same(found, [50.0, 4.0, 4.0, 64.0]):
        return None
    if same(found, [50.0, 3.0, 3.0, 64.0]):
        return 'That is what padding="VALID" would give: it drops the last row and column'
    if same(found, [50.0, 3.5, 3.5, 64.0]):
        return "There are no half pixels: SAME rounds 7 / 2, up or down"
    if same(found[[1, 2]], [4.0, 4.0]):
        return "Height and width are right; pooling changes neither the number of images nor that of channels"
    return f"It is not {[float(f'{part:g}') for part in found]}"


@exercise("03.3", hint="Begin with a weight for the middle, and share out its negative equally among the neighbours")
def dot_filter(answer: Any) -> str | None:
    """A filter of 3 x 3 that finds single dots."""
    if isinstance(answer, (Tensor, Variable)):
        return "The answer is to be an array: what the tensor is worth, not the tensor"
    found = numbers(answer, 9)
    if found is None:
        return "The answer is to be nine numbers"
    if not np.isfinite(found).all():
        return "A weight is infinite or no number"
    filter_ = found.reshape(3, 3)
    largest = float(np.abs(filter_).max())
    if largest == 0:
        return "A filter of zeros finds nothing"
    for ink in _INK:
        even = float(filter_.sum() * ink)
        if abs(even) > 1e-5 * largest:
            return f"Where all pixels are {ink:g} its result is {even:.4g}, not 0"
    if filter_[1, 1] <= 0:
        return f"On a dot of 1, alone on paper, its result is {filter_[1, 1]:.4g}, which is not positive"
    for other in (filter_.T, filter_[::-1], filter_[:, ::-1]):
        if not np.allclose(filter_, other, atol=1e-5 * largest):
            return "Turned or mirrored it is another filter: it has a favourite direction"
    return None
