"""Random numbers, as functions of a seed, the number of the run, and the position in the tensor.

Each operation draws from Philox4x32-10 (kernels_cl/include/philox.clh). The key comes from the operation's two seeds,
the counter from the element's position and from how often the operation has run in the session. So the same graph with
the same seeds gives the same numbers in every session, others in each run. An operation without seeds has the
key of all such operations; its count of runs starts, in each session, at a number drawn from the system.
"""

from __future__ import annotations

import math as scalar_math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes, errors
from graphlab_nb.dtypes import DType
from graphlab_nb.graph.build import apply, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import get_default_graph, name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops import math
from graphlab_nb.ops.static import integers
from graphlab_nb.shapes import show

FILE = "random.cl"
DEFAULT_GRAPH_SEED = 87654321
"""Stands for the graph's seed where only the operation has one."""
BLOCK = 16
"""Counters that fill consecutive elements together; the constant of the same name in random.cl."""
STRIPS = 64
"""Vectors of counters that a work-item on a CPU takes at least."""


def get_seed(op_seed: int | None) -> tuple[int | None, int | None]:
    """The two seeds of an operation, by the rule of `tf.set_random_seed`.

    With a seed of the graph but none of the operation, the second is the number of operations built so far; with a seed
    of the operation alone, the first is a fixed number; with neither, both are None: the numbers cannot be repeated.

    Args:
      op_seed: the seed given to the operation, or None.

    Example:
      >>> tf.get_seed(5)
      (87654321, 5)
      >>> tf.set_random_seed(1)
      >>> tf.get_seed(5)
      (1, 5)
    """
    graph = get_default_graph()
    if graph.seed is not None:
        return graph.seed, len(graph.get_operations()) if op_seed is None else op_seed
    return (None, None) if op_seed is None else (DEFAULT_GRAPH_SEED, op_seed)


def seeds_for(op_seed: int | None) -> tuple[int, int]:
    """As `get_seed`, with (0, 0) for none, which real seeds never are."""
    first, second = get_seed(op_seed)
    if first is None or second is None:
        return 0, 0
    pair = int(first), int(second)
    return pair if pair != (0, 0) else (0, 2**31 - 1)


def key_of(seed: int, seed2: int) -> tuple[np.uint32, np.uint32]:
    """Philox's key from two seeds of 64 bits: the finalizer of SplitMix64 mixes one into the other.

    Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
    """
    mixed = 0
    for part in (seed, seed2):
        mixed = (mixed ^ part) + 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
        mixed ^= mixed >> 31
    return np.uint32(mixed & 0xFFFFFFFF), np.uint32(mixed >> 32)


class Seeded(OpDef):
    """Base of operations with seeds; the session starts the count of runs of one that is `unseeded` at random."""

    seed: int
    seed2: int
    stateful: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    @property
    def unseeded(self) -> bool:
        """Whether neither the graph nor the operation was given a seed."""
        return self.seed == 0 and self.seed2 == 0


class RandomFill(Seeded):
    """Base of operations whose one kernel fills a tensor of a given shape."""

    dtype: DType
    value_inputs: ClassVar[tuple[int, ...]] = (0,)

    def infer(self, shape: Spec, *bounds: Spec) -> Spec:
        if shape.dtype not in (dtypes.int32, dtypes.int64):
            raise TypeError(f"A shape must be int32 or int64, not {shape.dtype.name}")
        if shape.rank not in (None, 1):
            raise ValueError(f"A shape must be a list of lengths (rank 1), not a tensor of shape {show(shape.dims)}")
        lengths = shape.full_value()
        if lengths is not None and (lengths < 0).any():
            raise ValueError(f"A shape must have no negative length: {lengths.tolist()}")
        return Spec(self.dtype, shape.value_as_dims())


def fill(
    definition: Seeded,
    run: Launcher,
    out: Array,
    arguments: Sequence[Any],
    defines: dict[str, Any],
    writes: Sequence[int] = (0,),
) -> None:
    """Adds the kernel call that fills `out`.

    Args:
      definition: the operation, for its seeds.
      run: where the kernel goes.
      out: what is filled.
      arguments: those of the distribution.
      defines: those of the distribution.
      writes: positions of the arguments that the kernel writes.
    """
    each_counter = 4 if out.dtype.size <= 4 else 2
    if out.dtype.is_integer:
        each_counter //= 2
    lanes = max(min(run.traits.lanes, BLOCK), 1) if run.traits.is_cpu else 1
    strips = -(-out.size // (BLOCK * each_counter)) * (BLOCK // lanes)
    each = 1
    if run.traits.is_cpu:
        each = max(-(-strips // (run.traits.compute_units * 8)), STRIPS)
    constants = {"T": out.dtype.c_type, "LANES": lanes, "EACH": each_counter, **defines}
    if out.dtype.is_floating:
        constants["ACC"] = "double" if out.dtype.size == 8 else "float"
    args = [
        out,
        run.counter(),
        *arguments,
        *key_of(definition.seed, definition.seed2),
        np.int64(out.size),
        np.int64(each),
    ]
    local = (1,) if lanes > 1 else None
    run.kernel(FILE, "random_fill", args, (-(-strips // each),), local, constants, writes)


def _wide(dtype: DType) -> Any:
    """The NumPy type that a kernel computes `dtype` with."""
    return np.float64 if dtype is dtypes.float64 else np.float32


@frozen
class RandomUniform(RandomFill):
    """Numbers uniform in [low, high): multiples of 2^-24 (float32), 2^-53 (float64) or 2^-11 (float16), scaled."""

    dtype: DType
    seed: int = 0
    seed2: int = 0
    low: float = 0.0
    high: float = 1.0

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        wide = _wide(self.dtype)
        low, high = self.dtype.as_numpy_dtype(self.low), self.dtype.as_numpy_dtype(self.high)
        last = np.nextafter(high, low)
        defines: dict[str, Any] = {"UNIFORM": None}
        if self.dtype is dtypes.float16:
            defines |= {"BITS": 11, "UNIT": "0x1p-11f"}
        else:
            defines |= {"BITS": 24, "UNIT": "0x1p-24f"}
        if low > high:
            last = low  # runs downwards, as the formula has it
        fill(self, run, outputs[0], [wide(low), wide(high) - wide(low), wide(last)], defines)


class Normal(RandomFill):
    """Base of the two normal distributions."""

    mean: float
    stddev: float
    mode: ClassVar[str] = ""

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        wide = _wide(self.dtype)
        fill(self, run, outputs[0], [wide(self.mean), wide(self.stddev)], {self.mode: None})


@frozen
class RandomStandardNormal(Normal):
    """Normal numbers, by the method of Box and Muller, with a mean and a standard deviation."""

    dtype: DType
    seed: int = 0
    seed2: int = 0
    mean: float = 0.0
    stddev: float = 1.0
    mode: ClassVar[str] = "NORMAL"


@frozen
class TruncatedNormal(Normal):
    """Normal numbers that lie within two standard deviations of the mean, by inversion of the distribution."""

    dtype: DType
    seed: int = 0
    seed2: int = 0
    mean: float = 0.0
    stddev: float = 1.0
    mode: ClassVar[str] = "TRUNCATED"


@frozen
class RandomUniformInt(RandomFill):
    """Whole numbers uniform in [low, high); the bounds are attributes where they are known, else inputs."""

    dtype: DType
    seed: int = 0
    seed2: int = 0
    low: int | None = None
    high: int | None = None

    @property
    def checks(self) -> bool:  # type: ignore[override]
        """Whether the bounds are looked at in the run."""
        return self.low is None

    def infer(self, shape: Spec, *bounds: Spec) -> Spec:
        for bound in bounds:
            if bound.dtype is not self.dtype or bound.rank not in (None, 0):
                raise ValueError(
                    f"A bound must be a single {self.dtype.name}, not {bound.dtype.name}{show(bound.dims)}"
                )
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"Need minval < maxval, got {self.low} >= {self.high}")
        return super().infer(shape)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        if self.low is not None and self.high is not None:
            scalars = [np.int64(self.low), np.uint64(self.high - self.low)]
            fill(self, run, outputs[0], scalars, {"INTEGER": None, "BOUNDED": None})
        elif outputs[0].size:
            report, operation = run.report(1)
            fill(self, run, outputs[0], [inputs[1], inputs[2], report, operation], {"INTEGER": None}, (0, 4))

    def complaint(self, code: int, first: int, second: int) -> tuple[type[Exception], str]:
        return errors.InvalidArgumentError, f"Need minval < maxval, got {first} >= {second}"


def _number(value: Any) -> float | None:
    """`value` as a number, or None where it is a tensor, a variable or has a shape."""
    if type(value) is Tensor or hasattr(value, "_as_tensor") or np.ndim(value):
        return None
    return float(value)


def _floating(dtype: Any) -> DType:
    dtype = dtypes.as_dtype(dtype).base_dtype
    if not dtype.is_floating:
        raise TypeError(f"dtype must be floating, not {dtype.name}")
    return dtype


def _affine(kind: type[Any], shape: Any, offset: Any, factor: Any, dtype: Any, seed: Any, name: str) -> Tensor:
    """Standard numbers times factor plus offset: within the kernel for plain numbers, else by further operations."""
    dtype = _floating(dtype)
    numbers = _number(offset), _number(factor)
    if None not in numbers and all(scalar_math.isfinite(n) for n in numbers):  # type: ignore[arg-type]
        return apply(kind(dtype, *seeds_for(seed), *numbers), [integers(shape)], name)
    with name_scope(name, None, [shape, offset, factor]) as scope:
        shape = convert_to_tensor(integers(shape), name="shape")
        mean, stddev = convert_to_tensor(offset, dtype, "mean"), convert_to_tensor(factor, dtype, "stddev")
        standard = apply(kind(dtype, *seeds_for(seed)), [shape])
        return math.add(math.multiply(standard, stddev, name="mul"), mean, name=scope)


def random_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normal random numbers.

    Args:
      shape: the result's shape, a list or an integer tensor such as `tf.shape(x)`.
      mean: mean, a number or a tensor that broadcasts to the shape.
      stddev: standard deviation, a number or a tensor that broadcasts to the shape.
      dtype: float16, float32 or float64.
      seed: the operation's seed; see `tf.set_random_seed`.
      name: the operation's name.

    Raises:
      TypeError: a dtype that is not floating.
      ValueError: a shape of another rank than 1, or with a negative length.

    Example:
      >>> tf.random_normal([2, 3], stddev=0.1).get_shape()
      TensorShape([2, 3])
    """
    return _affine(RandomStandardNormal, shape, mean, stddev, dtype, seed, name or "random_normal")


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normal random numbers within two standard deviations of the mean.

    Args:
      shape: the result's shape, a list or an integer tensor such as `tf.shape(x)`.
      mean: mean before truncation, a number or a tensor that broadcasts to the shape.
      stddev: standard deviation before truncation, a number or a tensor that broadcasts to the shape.
      dtype: float16, float32 or float64.
      seed: the operation's seed; see `tf.set_random_seed`.
      name: the operation's name.

    Raises:
      TypeError: a dtype that is not floating.
      ValueError: a shape of another rank than 1, or with a negative length.

    Example:
      >>> tf.truncated_normal([784, 10], stddev=0.1).get_shape()
      TensorShape([784, 10])
    """
    return _affine(TruncatedNormal, shape, mean, stddev, dtype, seed, name or "truncated_normal")


def random_uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Random numbers uniform in [minval, maxval).

    Args:
      shape: the result's shape, a list or an integer tensor such as `tf.shape(x)`.
      minval: lower bound, included: a number or a tensor.
      maxval: upper bound, not included; 1 by default for floating types, required for integers.
      dtype: float16, float32, float64, int32 or int64.
      seed: the operation's seed; see `tf.set_random_seed`.
      name: the operation's name.

    Raises:
      TypeError: another dtype.
      ValueError: integers without `maxval` or with an empty range, or a shape of another rank than 1.
      InvalidArgumentError: in a run, integer bounds given as tensors between which there is nothing.

    Example:
      >>> x = tf.Session().run(tf.random_uniform([100], 5, 7))
      >>> bool(x.min() >= 5 and x.max() < 7)
      True
    """
    dtype = dtypes.as_dtype(dtype).base_dtype
    name = name or "random_uniform"
    if dtype.is_floating:
        return _uniform_floats(shape, minval, 1.0 if maxval is None else maxval, dtype, seed, name)
    if dtype not in (dtypes.int32, dtypes.int64):
        raise TypeError(f"random_uniform makes float16, float32, float64, int32 and int64, not {dtype.name}")
    if maxval is None:
        raise ValueError(f"random_uniform of {dtype.name} needs maxval")
    with name_scope(name, None, [shape, minval, maxval]) as scope:
        shape = convert_to_tensor(integers(shape), name="shape")
        bounds = [convert_to_tensor(minval, dtype, "min"), convert_to_tensor(maxval, dtype, "max")]
        known = [b.spec().full_value() for b in bounds]
        if all(k is not None and np.ndim(k) == 0 for k in known):
            return apply(RandomUniformInt(dtype, *seeds_for(seed), *(int(k) for k in known)), [shape], scope)
        return apply(RandomUniformInt(dtype, *seeds_for(seed)), [shape, *bounds], scope)


def _uniform_floats(shape: Any, minval: Any, maxval: Any, dtype: DType, seed: Any, name: str) -> Tensor:
    low, high = _number(minval), _number(maxval)
    if low is not None and high is not None and scalar_math.isfinite(low) and scalar_math.isfinite(high):
        return apply(RandomUniform(dtype, *seeds_for(seed), low, high), [integers(shape)], name)
    with name_scope(name, None, [shape, minval, maxval]) as scope:
        shape = convert_to_tensor(integers(shape), name="shape")
        lower, upper = convert_to_tensor(minval, dtype, "min"), convert_to_tensor(maxval, dtype, "max")
        uniform, width = apply(RandomUniform(dtype, *seeds_for(seed)), [shape]), math.subtract(upper, lower, name="sub")
        return math.add(math.multiply(uniform, width, name="mul"), lower, name=scope)


__all__ = ["get_seed", "random_normal", "random_uniform", "truncated_normal"]
