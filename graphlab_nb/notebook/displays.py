"""What ends a cell, from graphs to data sets, is shown as a picture: in any front end, and in the saved notebook."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from graphlab_nb.datasets.mnist import DataSet, Datasets
from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.operation import Operation
from graphlab_nb.graph.scopes import get_default_graph
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.notebook import svg
from graphlab_nb.notebook.devices_picture import draw_device_list
from graphlab_nb.notebook.digits_picture import draw_data_set, draw_data_sets
from graphlab_nb.notebook.graph_picture import draw_graph
from graphlab_nb.notebook.operation_picture import draw_operation, draw_tensor
from graphlab_nb.notebook.optimizer_picture import draw_optimizer
from graphlab_nb.notebook.profile_picture import draw_profile
from graphlab_nb.notebook.session_picture import draw_session
from graphlab_nb.notebook.variable_picture import draw_variable
from graphlab_nb.ops.variables import Variable
from graphlab_nb.session.device_attributes import DeviceList
from graphlab_nb.session.profile import Profile
from graphlab_nb.session.session import BaseSession
from graphlab_nb.train.optimizer import Optimizer

Draw = Callable[[Any], tuple[str, str]]
_DRAWN: dict[type, Draw] = {
    Graph: draw_graph,
    BaseSession: draw_session,
    Variable: draw_variable,
    Tensor: draw_tensor,
    Operation: draw_operation,
    Optimizer: draw_optimizer,
    DataSet: draw_data_set,
    Datasets: draw_data_sets,
    DeviceList: draw_device_list,
    Profile: draw_profile,
}


def shown(draw: Draw, thing: Any) -> dict[str, Any]:
    """What a notebook is given of a thing, by type: a picture and a line of text, or the text alone where drawing fails."""
    try:
        return svg.bundle(*draw(thing))
    except Exception as error:  # a cell must not fail because of its picture
        return {"text/plain": f"{_named(thing)} (it could not be drawn: {type(error).__name__}: {error})"}


def _named(thing: Any) -> str:
    try:
        return repr(thing)
    except Exception:  # the same fault, perhaps
        return f"<{type(thing).__name__}>"


def install(shell: Any) -> None:
    """Has a shell show what there are pictures for as pictures; in a kernel, live ones of what a training changes."""
    formatter = shell.display_formatter.mimebundle_formatter
    for kind, draw in _DRAWN.items():
        formatter.for_type(kind, functools.partial(shown, draw))
    if hasattr(shell, "kernel"):
        from graphlab_nb.notebook import live_pictures

        for kind in live_pictures.LIVE:
            shell.display_formatter.ipython_display_formatter.for_type(
                kind, functools.partial(live_pictures.show, functools.partial(shown, _DRAWN[kind]))
            )


class Picture:
    """A picture that a notebook shows where it ends a cell, or by `display`.

    Attributes:
      svg: the picture's text.
      label: what it shows, in words.
    """

    def __init__(self, svg: str, label: str):
        self.svg = svg
        self.label = label

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return svg.bundle(self.svg, self.label)

    def __repr__(self) -> str:
        return self.label


def show_graph(graph: Graph | None = None) -> Picture:
    """The picture of a graph, with its scopes as boxes.

    Args:
      graph: the default graph where it is left out.

    Returns:
      A `Picture`, which a notebook shows where it ends a cell; its attribute `svg` is the picture's text.

    Raises:
      TypeError: for what is no graph.

    Example:
      >>> y = tf.add(1, 2, name="y")
      >>> tf.notebook.show_graph()
      tf.Graph: 3 operations, 0 variables
    """
    graph = get_default_graph() if graph is None else graph
    if not isinstance(graph, Graph):
        raise TypeError(f"show_graph takes a tf.Graph, not {graph!r:.80}")
    return Picture(*draw_graph(graph))
