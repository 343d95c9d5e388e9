"""How `get_variable` finds a variable by its full name, or makes it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Container, Iterable, Iterator
from typing import Any

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.graph import scopes
from graphlab_nb.graph.build import convert_to_tensor
from graphlab_nb.graph.operation import Operation, UserLine, user_line
from graphlab_nb.graph.places import line_name
from graphlab_nb.graph.scopes import GraphKeys
from graphlab_nb.ops.initializers import uniform_unit_scaling_initializer, zeros_initializer
from graphlab_nb.ops.variables import Variable
from graphlab_nb.shapes import TensorShape, as_shape


class _AutoReuse:
    """The value of `reuse` that finds a variable where there is one, and makes it where there is none."""

    def __repr__(self) -> str:
        return "tf.AUTO_REUSE"


AUTO_REUSE = _AutoReuse()


class Scopes:
    """A graph's variables by name, its current scope, and how often each scope was opened."""

    def __init__(self, outermost: Any) -> None:
        self.variables: dict[str, tuple[Variable, UserLine]] = {}
        self.partitioned: dict[str, Any] = {}
        self.current = outermost
        self.opened: dict[str, int] = {}

    def _forget(self, gone: Container[Operation], names: Container[str]) -> None:
        """Is told of operations that are taken out of the graph, and of the names that are left."""
        self.variables = {name: made for name, made in self.variables.items() if made[0].op not in gone}
        self.partitioned = {n: v for n, v in self.partitioned.items() if not any(s.op in gone for s in v)}
        self.opened = {name: n for name, n in self.opened.items() if not name or name in names}

    def unique(self, prefix: str) -> str:
        """`prefix`, with a number where the current scope has opened one of that name before."""
        outer = f"{self.current.name}/" if self.current.name else ""
        name, number = prefix, 0
        while self.opened.get(outer + name, 0):
            number += 1
            name = f"{prefix}_{number}"
        return name

    @contextlib.contextmanager
    def entered(self, scope: Any, again: bool) -> Iterator[Any]:
        """Makes `scope` the current one; numbers of the scopes below it start afresh, unless it is opened `again`."""
        old, counts = self.current, dict(self.opened)
        self.opened[scope.name] = self.opened.get(scope.name, 0) + 1
        self.current = scope
        try:
            yield scope
        finally:
            self.current = old
            if again:
                self.opened = counts
            else:
                below = scope.name + "/"
                self.opened = {name: n for name, n in self.opened.items() if not name.startswith(below)}


def found_or_made(
    store: dict[str, tuple[Variable, UserLine]],
    name: str,
    shape: Any = None,
    dtype: DType | None = dtypes.float32,
    initializer: Any = None,
    regularizer: Any = None,
    reuse: Any = None,
    trainable: bool = True,
    collections: Iterable[Any] | None = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: bool | None = None,
) -> Variable:
    """Finds the variable of that full name in the store, or makes it and puts it there; see `get_variable`."""
    asked = None if shape is None else as_shape(shape)
    if name in store:
        found, line = store[name]
        if not reuse:
            raise ValueError(
                f"Variable {name} already exists, disallowed. Did you mean to set reuse=True in the variable scope? "
                f"It was made at {line_name(line, found.op)}"
            )
        if asked is not None and not asked.is_compatible_with(found.get_shape()):
            raise ValueError(
                f"Trying to share variable {name}, but specified shape {asked} and found shape {found.get_shape()}"
            )
        if dtype is not None and found.dtype.base_dtype is not dtype:
            raise ValueError(
                f"Trying to share variable {name}, but specified dtype {dtype.name} and found dtype "
                f"{found.dtype.base_dtype.name}"
            )
        return found
    if reuse and reuse is not AUTO_REUSE:
        raise ValueError(
            f"Variable {name} does not exist, or was not created with tf.get_variable(). "
            "Did you mean to set reuse=None or reuse=tf.AUTO_REUSE in the variable scope?"
        )
    variable = Variable(
        _initial_value(name, asked, dtype, initializer, validate_shape),
        trainable,
        collections,
        validate_shape,
        caching_device,
        name,
        dtype=dtype,
    )
    store[name] = variable, user_line()
    if regularizer is not None:
        with scopes.colocate_with(variable.op), scopes.name_scope(name + "/Regularizer/"):
            loss = regularizer(variable)
        if loss is not None:
            scopes.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)
    return variable


def _initial_value(name: str, shape: TensorShape | None, dtype: DType | None, initializer: Any, validate: bool) -> Any:
    """What `Variable` is given to start from: a value, or a function of no argument."""
    if initializer is not None and not callable(initializer):
        if shape is not None and not shape.is_compatible_with(convert_to_tensor(initializer, dtype).get_shape()):
            raise ValueError(f"The value that initializes variable {name} has not the shape {shape}")
        return initializer
    if shape is None or not shape.is_fully_defined():
        if shape is None and initializer is not None and not validate:
            return initializer
        shown = "not given" if shape is None else f"{shape}"
        raise ValueError(f"Shape of a new variable ({name}) must be fully defined, but instead was {shown}")
    if initializer is None:
        assert dtype is not None
        initializer = uniform_unit_scaling_initializer() if dtype.is_floating else zeros_initializer
    if isinstance(initializer, type):
        initializer = initializer()
    lengths = shape.as_list()
    return lambda: initializer(lengths, dtype=dtype)


def chained(inner: Callable[..., Any], outer: Callable[..., Any]) -> Callable[..., Any]:
    """A custom getter that calls `inner`, whose getter calls `outer`, as nested scopes do."""

    def getter(getter: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return inner(lambda *a, **k: outer(getter, *a, **k), *args, **kwargs)

    return getter
