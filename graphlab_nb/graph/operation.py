"""`Operation`: a node of the graph, and where the user's program made it."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

from graphlab_nb.graph.opdef import OpDef

if TYPE_CHECKING:
    from graphlab_nb.graph.graph import Graph
    from graphlab_nb.graph.tensor import Tensor

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_OURS: dict[str, bool] = {contextlib.__file__: True}
"""Whether a source file is of this package, or only calls it by `with`; examples count as users."""

UserLine = tuple[str, int, str]
"""File, line and function where the user's program made an operation."""
MOST_LINES = 16
"""Lines that are kept of functions that call each other, besides the one that called them first."""
_OUTERMOST = ("<module>", "<cell line:")
"""What Python and IPython call the code of a module, and of a cell: what called that is the program only by `exec`."""
_PYTHON = ("<frozen ", os.path.dirname(os.__file__) + os.sep)
_INSTALLED: dict[str, bool] = {}


_known = threading.local()


@contextlib.contextmanager
def one_user_line() -> Iterator[None]:
    """Takes all operations made inside as made at one line, the one that called; looking it up is a tenth of their cost."""
    before = getattr(_known, "lines", None)
    _known.lines = user_lines()
    try:
        yield
    finally:
        _known.lines = before


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Spares the collector the search among ever more operations or steps, none of which is garbage, while they are made."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def is_ours(file: str) -> bool:
    """Whether a source file is of this package; examples are users."""
    return file.startswith(_PACKAGE) and not file.startswith(_PACKAGE + "examples")


def is_installed(file: str) -> bool:
    """Whether a source file is Python's own or of an installed library, as IPython and pytest are, rather than of a program."""
    known = _INSTALLED.get(file)
    if known is None:
        library = any(f"{os.sep}{name}{os.sep}" in file for name in ("site-packages", "dist-packages"))
        known = _INSTALLED[file] = library or file.startswith(_PYTHON)
    return known


def _is_outermost(frame: FrameType) -> bool:
    """Whether a frame is a module's or a cell's, and Python or a tool runs it, not the program itself by `exec`."""
    if not frame.f_code.co_name.startswith(_OUTERMOST):
        return False
    return frame.f_back is None or is_installed(frame.f_back.f_code.co_filename)


def user_line() -> UserLine:
    """The innermost frame outside this package."""
    return user_lines()[0]


def user_lines() -> tuple[UserLine, ...]:
    """The frames outside this package: the innermost ones, and that of the module or notebook's cell that they come from."""
    known: tuple[UserLine, ...] | None = getattr(_known, "lines", None)
    if known is not None:
        return known
    frame: FrameType | None = sys._getframe(1)
    last = frame
    found: list[UserLine] = []
    while frame is not None:
        code = frame.f_code
        file = code.co_filename
        ours = _OURS.get(file)
        if ours is None:
            ours = _OURS[file] = is_ours(file)
        if not ours:
            outermost = code.co_name[0] == "<" and _is_outermost(frame)
            if outermost or len(found) < MOST_LINES:
                found.append((file, frame.f_lineno, code.co_name))
            if outermost:
                break
        last, frame = frame, frame.f_back
    if found:
        return tuple(found)
    assert last is not None
    return ((last.f_code.co_filename, last.f_lineno, last.f_code.co_name),)


class Operation:
    """A node of the graph: a definition applied to input tensors.

    Attributes:
      name: unique in its graph.
      definition: attributes and rules, an `OpDef`.
      graph: the graph it belongs to.
      index: its position in the order of building.
      inputs: its input tensors.
      outputs: its output tensors.
      control_inputs: operations that must run before it.
      device: the device asked for by `tf.device`, or an empty string.
      user_lines: files, lines and functions of the user's program that made it: the innermost first, then what called that.

    Example:
      >>> y = tf.add(1, 2, name="y")
      >>> y.op, y.op.type, y.op.outputs[0] is y
      (<tf.Operation 'y' type=Add>, 'Add', True)
    """

    __slots__ = (
        "__weakref__",
        "_control_outputs",
        "control_inputs",
        "definition",
        "device",
        "graph",
        "index",
        "inputs",
        "name",
        "outputs",
        "user_lines",
    )  # fmt: skip

    def __init__(self, graph: Graph, name: str, definition: OpDef, inputs: tuple[Tensor, ...], index: int):
        self.name = name
        self.definition = definition
        self.graph = graph
        self.index = index
        self.inputs = inputs
        self.outputs: tuple[Tensor, ...] = ()
        self.control_inputs: list[Operation] = []
        self.device = ""
        self.user_lines: tuple[UserLine, ...] = (("", 0, ""),)

    @property
    def type(self) -> str:
        """The operation's type: "MatMul"."""
        return self.definition.type_name

    @property
    def user_line(self) -> UserLine:
        """File, line and function of the user's program that made it."""
        return self.user_lines[0]

    @property
    def traceback(self) -> list[UserLine]:
        """Where the user's program made the operation: files, lines and functions, the outermost first.

        Example:
          >>> def double(x):
          ...     return 2.0 * x
          >>> [function for file, line, function in double(tf.constant(1.0)).op.traceback]
          ['<module>', 'double']
        """
        return list(reversed(self.user_lines))

    @property
    def node_def(self) -> Operation:
        """Itself: name, type, inputs and attributes are read directly."""
        return self

    op_def = node_def

    def get_attr(self, name: str) -> Any:
        """The value of the attribute `name`.

        Args:
          name: the attribute's, such as "transpose_a".

        Raises:
          ValueError: where the operation has none of that name.

        Example:
          >>> y = tf.matmul([[1.0]], [[2.0]], transpose_b=True)
          >>> y.op.get_attr("transpose_b")
          True
        """
        attributes = self.definition.attributes()
        if name not in attributes:
            raise ValueError(f"Operation {self.name} has no attribute {name!r}; it has {sorted(attributes)}")
        return attributes[name]

    def values(self) -> tuple[Tensor, ...]:
        """Its outputs.

        Example:
          >>> y = tf.add(1.0, 2.0, name="y")
          >>> y.op.values()
          (<tf.Tensor 'y:0' shape=() dtype=float32>,)
        """
        return self.outputs

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Runs it in `session` or the default session.

        Args:
          feed_dict: values that replace tensors in this run.
          session: to run in; the default session where it is None.

        Raises:
          ValueError: where no session is given and none is the default.

        Example:
          >>> x = tf.Variable(1.0)
          >>> with tf.Session():
          ...     x.initializer.run()
          ...     print(x.eval())
          1.0
        """
        self.graph.default_session_for("run an operation", session, self).run(self, feed_dict)

    def colocation_groups(self) -> list[str]:
        """Names of the groups of operations that must share a device with it: its own.

        Example:
          >>> tf.constant(1.0, name="x").op.colocation_groups()
          ['loc:@x']
        """
        return [f"loc:@{self.name}"]

    def __str__(self) -> str:
        inputs = ", ".join(t.name for t in self.inputs)
        return f"{self.name} = {self.type}({inputs})" + (f" on {self.device}" if self.device else "")

    def __repr__(self) -> str:
        return f"<tf.Operation '{self.name}' type={self.type}>"
