"""`tf.test`: a test case with sessions and comparisons of arrays."""

from __future__ import annotations

import contextlib
import math
import random
import sys
import tempfile
import unittest
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from graphlab_nb import errors
from graphlab_nb.comparisons import Comparisons
from graphlab_nb.gradients import gradients
from graphlab_nb.graph.build import constant
from graphlab_nb.graph.graph import Graph
from graphlab_nb.graph.scopes import get_default_graph, get_default_session, reset_default_graph
from graphlab_nb.platform import flags
from graphlab_nb.runtime import device
from graphlab_nb.session.config import ConfigProto
from graphlab_nb.session.session import Session

__all__ = [
    "TestCase",
    "compute_gradient",
    "compute_gradient_error",
    "get_temp_dir",
    "gpu_device_name",
    "is_built_with_cuda",
    "is_gpu_available",
    "main",
]


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted(__all__)


_GRAPH_SEED = 87654321
_PYTHON_SEED = 127


class _NotATest:
    """A method whose name begins with "test" but that no test runner shall call: on the class it is no callable."""

    def __init__(self, function: Callable[..., Any]):
        self._function = function
        self.__doc__ = function.__doc__

    def __get__(self, case: Any, owner: Any = None) -> Any:
        return self if case is None else self._function.__get__(case, owner)


class TestCase(Comparisons):
    """A `unittest.TestCase` whose every test begins with an empty default graph and the same seeds.

    Args:
      methodName: the test to run, for those who make one themselves.

    Example:
      >>> class Sums(tf.test.TestCase):
      ...     def test_sum(self):
      ...         with self.test_session():
      ...             self.assertAllEqual(tf.add([1, 2], 1).eval(), [2, 3])
      >>> Sums("test_sum").run().wasSuccessful()
      True
    """

    __test__ = False  # itself; each class derived from it is one

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__test__" not in cls.__dict__:
            cls.__test__ = True

    def __init__(self, methodName: str = "runTest"):
        super().__init__(methodName)
        self._cached_session: Session | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def setUp(self) -> None:
        """Empties the default graph and sets the seeds.

        Example:
          >>> case = tf.test.TestCase()
          >>> case.setUp()
          >>> tf.get_default_graph().get_operations()
          []
          >>> case.tearDown()
        """
        random.seed(_PYTHON_SEED)
        np.random.seed(_PYTHON_SEED)
        reset_default_graph()
        get_default_graph().seed = _GRAPH_SEED

    def tearDown(self) -> None:
        """Closes the test's session, and deletes its folder.

        Example:
          >>> case = tf.test.TestCase()
          >>> folder = case.get_temp_dir()
          >>> case.tearDown()
          >>> tf.gfile.Exists(folder)
          False
        """
        if self._cached_session is not None:
            self._cached_session.close()
            self._cached_session = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    @_NotATest
    @contextlib.contextmanager
    def test_session(
        self,
        graph: Graph | None = None,
        config: ConfigProto | None = None,
        use_gpu: bool = False,
        force_gpu: bool = False,
    ) -> Iterator[Session]:
        """A default session for a `with` block.

        Without a graph it is over the default graph, and one session lasts for the whole test; with one it ends with
        the block.

        Args:
          graph: to run; by default the default graph.
          config: for the session.
          use_gpu: place operations as usual, on a GPU where there is one, instead of the CPU.
          force_gpu: place them on the first GPU.

        Example:
          >>> case = tf.test.TestCase()
          >>> with case.test_session():
          ...     print(tf.constant(2).eval())
          2
          >>> case.tearDown()
        """
        if config is None:
            config = ConfigProto(allow_soft_placement=not force_gpu)
        place = "/gpu:0" if force_gpu else None if use_gpu else "/cpu:0"
        if graph is not None:
            with Session(graph=graph, config=config) as session, session.graph.device(place):
                yield session
            return
        if self._cached_session is None:
            self._cached_session = Session(config=config)
        session = self._cached_session
        with session.graph.as_default(), session.as_default(), session.graph.device(place):
            yield session

    session = test_session

    def get_temp_dir(self) -> str:
        """An empty folder that lasts until the test's end.

        Example:
          >>> case = tf.test.TestCase()
          >>> tf.gfile.ListDirectory(case.get_temp_dir())
          []
          >>> case.tearDown()
        """
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory()
        return self._folder.name

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> Any:
        """`assertRaisesRegex` for `tf.errors.OpError`; a function tells by the error whether it is the expected one.

        Args:
          expected_err_re_or_predicate: a regular expression found in the message, or a function of the error.

        Example:
          >>> with tf.test.TestCase().assertRaisesOpError("uninitialized"):
          ...     tf.Session().run(tf.Variable(1.0))
        """
        if callable(expected_err_re_or_predicate):
            return self._raises(expected_err_re_or_predicate)
        return self.assertRaisesRegex(errors.OpError, expected_err_re_or_predicate)

    @contextlib.contextmanager
    def _raises(self, predicate: Callable[[errors.OpError], bool]) -> Iterator[None]:
        try:
            yield
        except errors.OpError as error:
            if not predicate(error):
                raise AssertionError(f"not the expected error: {error!r}") from error
        else:
            self.fail("no OpError was raised")


def compute_gradient(
    x: Any,
    x_shape: Sequence[int],
    y: Any,
    y_shape: Sequence[int],
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
) -> Any:
    """The Jacobian of `y` with respect to `x`, by `gradients` and by central differences, in the default session.

    Args:
      x: the tensor to vary, or a list of them; then `x_shape` and `x_init_value` are lists too.
      x_shape: shape of `x`.
      y: the tensor that depends on it.
      y_shape: shape of `y`.
      x_init_value: the point, random by default.
      delta: half the difference.
      init_targets: operations to run before.

    Returns:
      Two arrays `[size of x, size of y]`, the gradients' and the differences'; a list of such pairs for a list.

    Example:
      >>> x = tf.constant([1.0, 2.0])
      >>> with tf.Session():
      ...     by_gradients, by_differences = tf.test.compute_gradient(x, [2], x * x, [2], [1.0, 2.0])
      >>> by_gradients
      array([[2., 0.],
             [0., 4.]])
    """
    session = get_default_session()
    if session is None:
        raise ValueError("compute_gradient needs a default session: enter one with `with tf.Session():`")
    if init_targets is not None:
        session.run(init_targets)
    several = isinstance(x, (list, tuple))
    xs: Sequence[Any] = x if several else [x]
    shapes: Sequence[Any] = x_shape if several else [x_shape]
    points: Sequence[Any] = x_init_value or [None] * len(xs) if several else [x_init_value]
    values = {
        tensor: np.asarray(
            np.random.random_sample(shape) if point is None else point, tensor.dtype.base_dtype.as_numpy_dtype
        ).reshape(shape)
        for tensor, shape, point in zip(xs, shapes, points, strict=True)
    }
    dy = constant(np.zeros(y_shape), dtype=y.dtype.base_dtype)
    dxs = gradients(y, list(xs), grad_ys=dy)
    pairs = []
    for tensor, dx in zip(xs, dxs, strict=True):
        if dx is None:
            raise ValueError(f"{y.name} does not depend on {tensor.name}")
        pairs.append((_by_gradients(session, values, dx, dy, values[tensor].size),
                      _by_differences(session, values, tensor, y, delta)))  # fmt: skip
    return pairs if several else pairs[0]


def compute_gradient_error(
    x: Any,
    x_shape: Sequence[int],
    y: Any,
    y_shape: Sequence[int],
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
) -> float:
    """The largest difference between the two Jacobians of `compute_gradient`.

    Args:
      x: as all arguments of `compute_gradient`: the tensor to change.
      x_shape: its shape.
      y: the tensor that is differentiated.
      y_shape: its shape.
      x_init_value: where the gradient is taken.
      delta: how far x is moved.
      init_targets: operations to run before.

    Example:
      >>> x = tf.constant([1.0, 2.0])
      >>> with tf.Session():
      ...     print(tf.test.compute_gradient_error(x, [2], x * x, [2], [1.0, 2.0]) < 0.01)
      True
    """
    found = compute_gradient(x, x_shape, y, y_shape, x_init_value, delta, init_targets)
    pairs = found if isinstance(found, list) else [found]
    return max(float(np.max(np.abs(a - b), initial=0.0)) for a, b in pairs)


def _by_gradients(session: Any, values: dict[Any, np.ndarray], dx: Any, dy: Any, rows: int) -> np.ndarray:
    shape = dy.get_shape().as_list()
    columns = math.prod(shape)
    jacobian = np.zeros((rows, columns))
    for column in range(columns):
        direction = np.zeros(columns)
        direction[column] = 1.0
        jacobian[:, column] = np.ravel(session.run(dx, feed_dict={**values, dy: direction.reshape(shape)}))
    return jacobian


def _by_differences(session: Any, values: dict[Any, np.ndarray], x: Any, y: Any, delta: float) -> np.ndarray:
    rows = []
    for place in range(values[x].size):
        above, below = values[x].copy(), values[x].copy()
        above.flat[place] += delta
        below.flat[place] -= delta
        high, low = (np.ravel(session.run(y, feed_dict={**values, x: value})) for value in (above, below))
        # The steps that were really taken: the elements' type rounds them.
        rows.append((high.astype(np.float64) - low) / (float(above.flat[place]) - float(below.flat[place])))
    return np.array(rows)


def get_temp_dir() -> str:
    """Makes a folder for a test's files and returns its path; nothing deletes it.

    Example:
      >>> folder = tf.test.get_temp_dir()
      >>> tf.gfile.ListDirectory(folder)
      []
      >>> tf.gfile.DeleteRecursively(folder)
    """
    return tempfile.mkdtemp()


def is_built_with_cuda() -> bool:
    """Always False: OpenCL computes everything.

    Example:
      >>> tf.test.is_built_with_cuda()
      False
    """
    return False


def is_gpu_available(cuda_only: bool = False) -> bool:
    """Whether an OpenCL GPU serves; with `cuda_only` always False.

    Example:
      >>> tf.test.is_gpu_available() == (tf.test.gpu_device_name() != "")
      True
    """
    return not cuda_only and bool(gpu_device_name())


def gpu_device_name() -> str:
    """The first GPU's name, such as "/device:GPU:0", or an empty text.

    Example:
      >>> tf.test.gpu_device_name() in ("/device:GPU:0", "")
      True
    """
    try:
        gpus = device.discover().of_kind("GPU")
    except errors.UnavailableError:
        return ""
    return gpus[0].canonical_name if gpus else ""


def main(argv: list[str] | None = None) -> None:
    """Runs the tests of the program itself and ends the process; the flags are read first.

    Args:
      argv: the process's arguments where it is left out.

    Example:
      >>> import subprocess, sys
      >>> program = "import graphlab_nb as tf; T = type('T', (tf.test.TestCase,), {'test_a': lambda _: 0}); tf.test.main()"
      >>> subprocess.run([sys.executable, "-c", program], capture_output=True).returncode
      0
    """
    command = list(sys.argv if argv is None else argv)
    unittest.main(module="__main__", argv=command[:1] + flags.FLAGS._parse_flags(command[1:]))
