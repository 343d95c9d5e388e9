"""`Graph`: what was built, in the order it was built, and the scopes under which more is made."""

from __future__ import annotations

import contextlib
import functools
import itertools
import re
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphlab_nb.graph.contents import Contents
from graphlab_nb.graph.defaults import DEFAULTS
from graphlab_nb.graph.device_spec import DeviceSpec, merge_names
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.operation import Operation, UserLine, user_lines
from graphlab_nb.graph.places import check_age, stranger
from graphlab_nb.graph.tensor import Tensor

GRAPHS: weakref.WeakValueDictionary[int, Graph] = weakref.WeakValueDictionary()
"""All graphs that are in use, by the number in which they were made."""
_numbers = itertools.count(1)

_VALID_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/-]*$")
_VALID_SCOPE = re.compile(r"^[A-Za-z0-9_.\\/-]*$")
_VALID_CONTAINER = re.compile(r"^([A-Za-z0-9.][A-Za-z0-9_.\\/-]*)?$")


@functools.lru_cache(4096)
def _is_name(text: str) -> bool:
    return _VALID_NAME.match(text) is not None


@dataclass(frozen=True)
class Failure:
    """An operation that could not be made: its type and wished name, inputs, why, where, and how many there were before it.

    Once its notebook's cell has ended, it has the cell's id, or text.
    """

    type: str
    name: str
    inputs: tuple[Tensor, ...]
    message: str
    user_lines: tuple[UserLine, ...]
    index: int
    cell: str | None = None


class Graph(Contents):
    """A dataflow graph: operations in the order they were built, and the scopes under which new ones are made.

    Attributes:
      number: in the order in which graphs were made, from 1 on.
      seed: of random operations, or None.
      failure: what could not be made last, for pictures of the graph.
      minimized: by the operation that makes an optimizer's step, the tensor that the step makes smaller.
      ended: what ended its time as a graph to build on, such as "the graph was reset by In [7]"; empty before.
      ended_size: how many operations it had then.

    Example:
      >>> graph = tf.Graph()
      >>> with graph.as_default():
      ...     x = tf.constant(1.0, name="x")
      >>> graph.get_tensor_by_name("x:0") is x
      True
    """

    def __init__(self) -> None:
        super().__init__()
        self._names_in_use: dict[str, int] = {}
        self._scopes = threading.local()
        self._init_scopes()
        self.seed: int | None = None
        self.failure: Failure | None = None
        self.minimized: dict[Operation, Tensor] = {}
        self.ended_size = 0
        self.number = next(_numbers)
        GRAPHS[self.number] = self

    def _init_scopes(self) -> None:
        scopes = self._scopes
        scopes.name = ""
        scopes.devices = []
        scopes.control = []
        scopes.container = ""

    @property
    def _container(self) -> str:
        """The container of variables that are made now, an empty text for the default one."""
        return self._stack().container

    def _stack(self) -> Any:
        scopes = self._scopes
        if "name" not in scopes.__dict__:
            self._init_scopes()
        return scopes

    # Building

    def create_op(
        self, definition: OpDef, inputs: tuple[Tensor, ...], specs: Sequence[Spec], name: str | None = None
    ) -> Operation:
        """Adds an operation whose outputs are `specs`; `graph.build.apply` is what builders call.

        Args:
          definition: the operation's attributes and rules.
          inputs: its input tensors.
          specs: type and shape of each output.
          name: its name under the current name scope; the type's by default. It is made unique.

        Raises:
          RuntimeError: when the graph is finalized.
          ValueError: for a name that is not valid.

        Example:
          >>> x = tf.constant([1.0, 2.0])
          >>> x.graph.create_op(x.op.definition, (), [x.spec()], name="again")
          <tf.Operation 'again' type=Const>
        """
        stack = self._stack()
        with self._lock:
            self._check_not_finalized()
            full = self._op_name(name or definition.type_name)
            op = Operation(self, full, definition, inputs, len(self._ops))
            refs = definition.references
            if definition.writes:
                refs = (*refs, *definition.writes.values())
            op.outputs = (
                *[
                    Tensor(op, i, s.dtype._as_ref if i in refs else s.dtype, s.dims, s.value)
                    for i, s in enumerate(specs)
                ],
            )
            op.user_lines = user_lines()
            if stack.control:
                op.control_inputs = self._control_inputs_for(inputs, stack.control)
                for frame in stack.control:
                    # What is never launched (constants, shapes) waits for nothing, so what reads it must wait itself.
                    if frame is not None and not definition.metadata:
                        frame.inside.add(op)
            for choose in reversed(stack.devices):
                if choose is None:
                    break
                op.device = merge_names(op.device, choose) if isinstance(choose, str) else _chosen(op, choose)
            for tensor in inputs:
                tensor._consumers.append(op)
            self._ops.append(op)
            self._by_name[full] = op
        return op

    def failed(self, type_name: str, name: str | None, inputs: tuple[Tensor, ...], message: str) -> None:
        """Keeps what could not be made, and why, until it is asked for or something else fails.

        Args:
          type_name: of the operation that could not be made.
          name: the name that was asked for, or None.
          inputs: its input tensors.
          message: why.

        Example:
          >>> graph = tf.Graph()
          >>> graph.failed("MatMul", "y", (), "the sizes differ")
          >>> graph.failure.name, graph.failure.message
          ('y', 'the sizes differ')
        """
        wished = (name or type_name).rstrip("/")
        if self._stack().name and not (name and name[-1] == "/"):
            wished = f"{self._stack().name}/{wished}"
        self.failure = Failure(type_name, wished, inputs, message, user_lines(), len(self._ops))

    def _op_name(self, name: str) -> str:
        if name[-1] == "/":  # an exact name, taken as it is (a re-entered scope's)
            name = name[:-1]
            if name in self._by_name:
                return self.unique_name_from(name)
            self._names_in_use.setdefault(name, 1)
            return name
        scope = self._stack().name
        if not _is_name(name) and not (scope and _VALID_SCOPE.match(name)):
            raise ValueError(f"{name!r} is not a valid operation name")
        return self.unique_name_from(f"{scope}/{name}" if scope else name)

    @staticmethod
    def _control_inputs_for(inputs: tuple[Tensor, ...], frames: list[Any]) -> list[Operation]:
        producers = {t.op for t in inputs}
        found: dict[Operation, None] = {}
        for frame in frames:
            # An input made inside the frame already waits for the frame's operations.
            if any(p in frame.inside for p in producers):
                continue
            for op in frame.ops:
                if op not in producers:
                    found[op] = None
        return list(found)

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """`name` under the current name scope, made unique as TensorFlow does: name, name_1, name_2, ...

        Args:
          name: the wished name.
          mark_as_used: whether it is taken from then on.

        Example:
          >>> graph = tf.Graph()
          >>> graph.unique_name("layer"), graph.unique_name("layer")
          ('layer', 'layer_1')
        """
        scope = self._stack().name
        return self.unique_name_from(f"{scope}/{name}" if scope else name, mark_as_used)

    def unique_name_from(self, name: str, mark_as_used: bool = True) -> str:
        """`name`, taken as the whole path, made unique.

        Args:
          name: the wished name, with its scopes.
          mark_as_used: whether it is taken from then on.

        Example:
          >>> graph = tf.Graph()
          >>> with graph.name_scope("net"):
          ...     print(graph.unique_name_from("layer"), graph.unique_name("layer"))
          layer net/layer
        """
        used = self._names_in_use
        count = used.get(name, 0)
        if mark_as_used:
            used[name] = count + 1
        if count:
            base = name
            while name in used:
                name = f"{base}_{count}"
                count += 1
            if mark_as_used:
                used[base] = count
                used[name] = 1
        return name

    # Scopes

    @contextlib.contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """Puts `name` before the names of operations made inside; a trailing "/" re-enters a scope as it is.

        Args:
          name: the scope's name; None or an empty text leaves all scopes.

        Returns:
          A context manager that gives the scope's whole name with a trailing "/".

        Raises:
          ValueError: for a name that is not valid.

        Example:
          >>> with tf.get_default_graph().name_scope("layer") as scope:
          ...     x = tf.constant(1.0, name="x")
          >>> scope, x.name
          ('layer/', 'layer/x:0')
        """
        stack = self._stack()
        old = stack.name
        if not name:
            new = ""
        elif name[-1] == "/":
            new = name[:-1]
        else:
            if not (_VALID_SCOPE if old else _VALID_NAME).match(name):
                raise ValueError(f"{name!r} is not a valid scope name")
            with self._lock:
                new = self.unique_name(name)
        stack.name = new
        try:
            yield new + "/" if new else ""
        finally:
            stack.name = old

    @contextlib.contextmanager
    def device(self, device_name_or_function: Any) -> Iterator[None]:
        """Asks for a device for the operations made inside.

        Args:
          device_name_or_function: a device string, a function from an `Operation` to one, or None to ignore outer scopes.

        Raises:
          ValueError: for a string that is not understood.

        Example:
          >>> with tf.get_default_graph().device("/cpu:0"):
          ...     x = tf.constant(1.0)
          >>> x.device
          '/device:CPU:0'
        """
        chosen = device_name_or_function
        if isinstance(chosen, DeviceSpec):
            chosen = chosen.to_string()
        if isinstance(chosen, str):
            chosen = DeviceSpec.from_string(chosen).to_string()
        elif chosen is not None and not callable(chosen):
            raise TypeError(f"tf.device takes a string, a function or None, not {chosen!r}")
        devices = self._stack().devices
        devices.append(chosen)
        try:
            yield
        finally:
            devices.pop()

    @contextlib.contextmanager
    def container(self, container_name: str) -> Iterator[str]:
        """Puts the variables made inside into a container; see `tf.container`.

        Args:
          container_name: the container's name; an empty text is the default one.

        Raises:
          ValueError: for a name that is not valid.

        Example:
          >>> with tf.get_default_graph().container("first"):
          ...     w = tf.Variable(1.0)
          >>> w.op.get_attr("container")
          'first'
        """
        if not isinstance(container_name, str) or not _VALID_CONTAINER.match(container_name):
            raise ValueError(
                f"{container_name!r} is not a valid name of a container: letters, digits and . _ - / make one"
            )
        stack = self._stack()
        old, stack.container = stack.container, container_name
        try:
            yield container_name
        finally:
            stack.container = old

    @contextlib.contextmanager
    def control_dependencies(self, control_inputs: Any) -> Iterator[None]:
        """Makes the operations built inside wait for `control_inputs`; None clears outer ones.

        Args:
          control_inputs: a list of operations, tensors or variables, or None.

        Raises:
          TypeError: for an entry that is neither operation nor tensor.

        Example:
          >>> x = tf.Variable(1.0)
          >>> with x.graph.control_dependencies([x.assign(5.0)]):
          ...     after = x.read_value()
          >>> tf.Session().run(after)
          np.float32(5.0)
        """
        stack = self._stack()
        old = stack.control
        if control_inputs is None:
            stack.control = []
        else:
            ops = []
            for item in control_inputs:
                if hasattr(item, "_as_graph_element"):
                    item = item._as_graph_element()
                item = self.as_graph_element(item)
                ops.append(item.op if isinstance(item, Tensor) else item)
            stack.control = [*old, _ControlFrame(ops)]
        try:
            yield
        finally:
            stack.control = old

    @contextlib.contextmanager
    def as_default(self) -> Iterator[Graph]:
        """Makes this the graph that operations are added to in this thread.

        Example:
          >>> with tf.Graph().as_default() as graph:
          ...     x = tf.constant(1.0)
          >>> x.graph is graph
          True
        """
        with DEFAULTS.graph(self):
            yield self

    # Running

    def default_session_for(self, purpose: str, session: Any, element: Any) -> Any:
        """`session`, or the default session of this thread, to run `element` in.

        Args:
          purpose: what for, in words that follow "Cannot", for the error.
          session: one that was given, or None.
          element: the operation or tensor.

        Raises:
          ValueError: where there is none, or it runs another graph.

        Example:
          >>> x = tf.constant(1.0)
          >>> with tf.Session() as sess:
          ...     print(x.graph.default_session_for("look at x", None, x) is sess)
          True
        """
        session = session or DEFAULTS.current_session()
        if session is None:
            raise ValueError(
                f"Cannot {purpose} without a session: pass session=, enter one with `with tf.Session():`, "
                "or make a tf.InteractiveSession"
            )
        if session.graph is not self:
            check_age(purpose, element, session.graph, session.opened)
            where = "" if self.ended else " in a session of another graph"
            raise ValueError(f"Cannot {purpose}{where}: {stranger(element, session.graph)}")
        return session


def _chosen(op: Operation, choose: Callable[[Operation], Any]) -> str:
    name = choose(op)
    if isinstance(name, DeviceSpec):
        name = name.to_string()
    return merge_names(op.device, name) if name else op.device


class _ControlFrame:
    """One `control_dependencies` block: what it waits for, and what was built inside."""

    def __init__(self, ops: list[Operation]):
        self.ops = ops
        self.inside: set[Operation] = set()


type(DEFAULTS).outermost = Graph()
