"""The operations by which optimizers change variables: one kernel each, into which gradients' last steps fuse.

Each takes the variable's and the slots' references, the gradient and the hyperparameters as scalar tensors, so that a
fed learning rate works. Outputs are the slots' memory and then the variable's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.dtypes import DType
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.opdef import Accuracy, OpDef, Spec
from graphlab_nb.launch import Array, Launcher
from graphlab_nb.ops.ordering import SORT, key_defines, share, sort_rows
from graphlab_nb.ops.pointwise import Elementwise
from graphlab_nb.ops.state import Update
from graphlab_nb.shapes import TensorShape, show


class Apply(Update):
    """Base of optimizers' updates: references first, then the gradient, then scalars.

    Class attributes:
      scalars: names of the hyperparameters.
      moves_all: whether all rows change where the gradient is that of a few (of an embedding), as Adam's moments do. With
        all others only those rows do, in TensorFlow too.
    """

    moves_all: ClassVar[bool] = False
    takes: ClassVar[tuple[DType, ...]] = dtypes.FLOATING
    scalars: ClassVar[tuple[str, ...]] = ()
    accuracy: ClassVar[Accuracy] = Accuracy(4, "largest")

    def infer(self, *inputs: Spec) -> Spec | Sequence[Spec]:
        count = len(self.writes)
        if len(inputs) != count + 1 + len(self.scalars):
            raise ValueError(f"{self.type_name} takes {count + 1 + len(self.scalars)} inputs, not {len(inputs)}")
        variable = inputs[0]
        if variable.dtype not in self.takes:
            raise TypeError(f"{self.type_name} changes variables of floating-point type, not of {variable.dtype.name}")
        for i, spec in enumerate(inputs):
            if i <= count:
                label = "gradient" if i == count else f"slot {i}"
                if not TensorShape.of(spec.dims).is_compatible_with(TensorShape.of(variable.dims)):
                    raise ValueError(
                        f"The {label} has shape {show(spec.dims)}, but the variable has shape {show(variable.dims)}"
                    )
            else:
                label = self.scalars[i - count - 1]
                if spec.rank not in (0, None):
                    raise ValueError(f"{label} must be a scalar, but has shape {show(spec.dims)}")
            if spec.dtype is not variable.dtype:
                raise TypeError(f"The {label} is {spec.dtype.name}, but the variable is {variable.dtype.name}")
        order = sorted(self.writes, key=self.writes.__getitem__)
        outputs = [Spec(variable.dtype, inputs[i].dims) for i in order]
        return outputs[0] if len(outputs) == 1 else outputs


@frozen
class ApplyGradientDescent(Apply):
    """var -= lr * grad."""

    scalars: ClassVar[tuple[str, ...]] = ("learning_rate",)

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return ("x0 - x2 * x1",)


@frozen
class Applied(Elementwise):
    """What `definition` makes of a variable and its slots, as values: of rows that are taken out and put back."""

    definition: Apply
    accuracy: ClassVar[Accuracy] = Accuracy(4, "largest")
    differentiable: ClassVar[bool] = False

    def infer(self, *inputs: Spec) -> Spec | Sequence[Spec]:
        return self.definition.infer(*inputs)

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return self.definition.code(*inputs)


@frozen
class FirstEqual(OpDef):
    """y[i] = the smallest j with x[j] = x[i]; x: [n], integers."""

    differentiable: ClassVar[bool] = False

    def infer(self, x: Spec) -> Spec:
        if x.rank not in (1, None) or not x.dtype.is_integer:
            raise ValueError(f"x must be integers of rank 1, not {x.dtype.name} of shape {show(x.dims)}")
        return Spec(dtypes.int32, x.dims)

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        n = inputs[0].size
        keys, order = sort_rows(run, inputs[0], 1, n)
        each = share(run.traits, n)
        args = [outputs[0], keys, order, np.int64(n), np.int64(each)]
        run.kernel(SORT, "first_equal", args, (-(-n // each),), None, key_defines(inputs[0].dtype))


def _shrunk(point: str, rate: str, l1: str, l2: str) -> str:
    """The proximal step: soft threshold at rate * l1, then shrinking by 1 + rate * l2."""
    return f"copysign(fmax(fabs({point}) - {rate} * {l1}, (T)(0)), {point}) / ((T)(1) + {rate} * {l2})"


@frozen
class ApplyProximalGradientDescent(Apply):
    """p = var - lr * grad; var = sign(p) * max(|p| - lr * l1, 0) / (1 + lr * l2) (Duchi and Singer, 2009, FOBOS)."""

    scalars: ClassVar[tuple[str, ...]] = ("learning_rate", "l1", "l2")

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return (_shrunk("(x0 - x2 * x1)", "x2", "x3", "x4"),)


@frozen
class ApplyMomentum(Apply):
    """accum = momentum * accum + grad; var -= lr * accum.

    With `use_nesterov`, var -= lr * (grad + momentum * accum) (Sutskever et al., 2013).
    """

    use_nesterov: bool = False
    writes: ClassVar[dict[int, int]] = {1: 0, 0: 1}
    scalars: ClassVar[tuple[str, ...]] = ("learning_rate", "momentum")

    def code(self, *inputs: DType) -> tuple[str, ...]:
        step = "(x2 + x4 * y0)" if self.use_nesterov else "y0"
        return "x4 * x1 + x2", f"x0 - x3 * {step}"


@frozen
class ApplyAdagrad(Apply):
    """accum += grad^2; var -= lr * grad / sqrt(accum) (Duchi, Hazan and Singer, 2011)."""

    writes: ClassVar[dict[int, int]] = {1: 0, 0: 1}
    scalars: ClassVar[tuple[str, ...]] = ("learning_rate",)

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return "x1 + x2 * x2", "x0 - x3 * x2 * rsqrt(y0)"


@frozen
class ApplyProximalAdagrad(Apply):
    """accum += grad^2; r = lr / sqrt(accum); then the proximal step of rate r (Duchi and Singer, 2009)."""

    writes: ClassVar[dict[int, int]] = {1: 0, 0: 1}
    scalars: ClassVar[tuple[str, ...]] = ("learning_rate", "l1", "l2")

    def code(self, *inputs: DType) -> tuple[str, ...]:
        rate = "(x3 * rsqrt(y0))"
        return "x1 + x2 * x2", _shrunk(f"(x0 - {rate} * x2)", rate, "x4", "x5")


@frozen
class ApplyAdagradDA(Apply):
    """g += grad; s += grad^2; var = -lr * sign(g) * max(|g| - l1 * t, 0) / (l2 * t * lr + sqrt(s)).

    The dual averaging form of Adagrad, where t is the number of steps (Duchi, Hazan and Singer, 2011, section 5).
    """

    writes: ClassVar[dict[int, int]] = {1: 0, 2: 1, 0: 2}
    scalars: ClassVar[tuple[str, ...]] = ("learning_rate", "l1", "l2", "global_step")

    def code(self, *inputs: DType) -> tuple[str, ...]:
        top = "copysign(fmax(fabs(y0) - x5 * x7, (T)(0)), y0)"
        return "x1 + x3", "x2 + x3 * x3", f"-x4 * {top} / (x6 * x7 * x4 + sqrt(y1))"


@frozen
class ApplyAdadelta(Apply):
    """a = rho * a + (1 - rho) * grad^2; u = grad * sqrt(b + epsilon) / sqrt(a + epsilon); var -= lr * u.

    Then b = rho * b + (1 - rho) * u^2 (Zeiler, 2012).
    """

    writes: ClassVar[dict[int, int]] = {1: 0, 2: 1, 0: 2}
    scalars: ClassVar[tuple[str, ...]] = ("learning_rate", "rho", "epsilon")

    def code(self, *inputs: DType) -> tuple[str, ...]:
        update = "(x3 * sqrt(x2 + x6) * rsqrt(y0 + x6))"
        return (
            "x5 * x1 + ((T)(1) - x5) * x3 * x3",
            f"x5 * x2 + ((T)(1) - x5) * {update} * {update}",
            f"x0 - x4 * {update}",
        )


@frozen
class ApplyRMSProp(Apply):
    """ms += (1 - decay) * (grad^2 - ms); mom = momentum * mom + lr * grad / sqrt(ms + epsilon); var -= mom.

    (Tieleman and Hinton, 2012, lecture 6.5 of "Neural Networks for Machine Learning".)
    """

    writes: ClassVar[dict[int, int]] = {1: 0, 2: 1, 0: 2}
    scalars: ClassVar[tuple[str, ...]] = ("learning_rate", "decay", "momentum", "epsilon")

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return (
            "x1 + ((T)(1) - x5) * (x3 * x3 - x1)",
            "x6 * x2 + x4 * x3 * rsqrt(y0 + x7)",
            "x0 - y1",
        )


@frozen
class ApplyCenteredRMSProp(Apply):
    """As `ApplyRMSProp`, with the gradient's variance, ms - mg^2, for its square, ms (Graves, 2013, section 4.2).

    Here mg += (1 - decay) * (grad - mg) is the gradient's mean.
    """

    writes: ClassVar[dict[int, int]] = {1: 0, 2: 1, 3: 2, 0: 3}
    scalars: ClassVar[tuple[str, ...]] = ("learning_rate", "decay", "momentum", "epsilon")

    def code(self, *inputs: DType) -> tuple[str, ...]:
        return (
            "x1 + ((T)(1) - x6) * (x4 - x1)",
            "x2 + ((T)(1) - x6) * (x4 * x4 - x2)",
            "x7 * x3 + x5 * x4 * rsqrt(y1 - y0 * y0 + x8)",
            "x0 - y2",
        )


@frozen
class ApplyAdam(Apply):
    """m += (1 - beta1) * (grad - m); v += (1 - beta2) * (grad^2 - v); var -= a * m / (sqrt(v) + epsilon).

    Here a = lr * sqrt(1 - beta2^t) / (1 - beta1^t), and the powers are inputs (Kingma and Ba, 2015, end of section 2).
    With `use_nesterov`, beta1 * m + (1 - beta1) * grad stands for m in the last step (Dozat, 2016).
    """

    use_nesterov: bool = False
    writes: ClassVar[dict[int, int]] = {1: 0, 2: 1, 0: 2}
    scalars: ClassVar[tuple[str, ...]] = ("beta1_power", "beta2_power", "learning_rate", "beta1", "beta2", "epsilon")
    moves_all: ClassVar[bool] = True

    def code(self, *inputs: DType) -> tuple[str, ...]:
        rate = "(x6 * sqrt((T)(1) - x5) / ((T)(1) - x4))"
        mean = "(x7 * y0 + ((T)(1) - x7) * x3)" if self.use_nesterov else "y0"
        return (
            "x1 + ((T)(1) - x7) * (x3 - x1)",
            "x2 + ((T)(1) - x8) * (x3 * x3 - x2)",
            f"x0 - {rate} * {mean} / (sqrt(y1) + x9)",
        )


@frozen
class ApplyFtrl(Apply):
    """n' = n + grad^2; z += grad - (n'^-p - n^-p) / lr * var; n = n'.

    Then var = (l1 * sign(z) - z) / (n^-p / lr + 2 * l2) where |z| > l1, else 0; p is `lr_power` (McMahan et al., 2013,
    algorithm 1). With `root` p is known to be -0.5, which takes a fraction of the time of other powers.
    """

    root: bool = False
    writes: ClassVar[dict[int, int]] = {1: 0, 2: 1, 0: 2}
    scalars: ClassVar[tuple[str, ...]] = ("learning_rate", "l1", "l2", "lr_power")

    def code(self, *inputs: DType) -> tuple[str, ...]:
        def power(x: str) -> str:
            return f"sqrt({x})" if self.root else f"pow({x}, -x7)"

        return (
            "x1 + x3 * x3",
            f"x2 + x3 - ({power('y0')} - {power('x1')}) / x4 * x0",
            f"fabs(y1) > x5 ? (copysign(x5, y1) - y1) / ({power('y0')} / x4 + (T)(2) * x6) : (T)(0)",
        )


__all__: list[str] = []
