"""Summaries: what a run tells of itself, as the bytes of a `Summary` message, for event files and curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from graphlab_nb import dtypes, errors
from graphlab_nb.dtypes import FLOATING, NUMERIC, DType
from graphlab_nb.export import public_names
from graphlab_nb.graph.build import apply, constant, convert_to_tensor
from graphlab_nb.graph.frozen import frozen
from graphlab_nb.graph.opdef import OpDef, Spec
from graphlab_nb.graph.scopes import GraphKeys, get_collection, name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.launch import Array, DeviceTraits, Launcher
from graphlab_nb.messages import Summary
from graphlab_nb.ops import pictures
from graphlab_nb.shapes import TensorShape, show
from graphlab_nb.wire import DecodeError

FILE = "summary.cl"
FIXED = 6
"""Numbers of a record before its buckets; kernels_cl/summary.cl says which."""
LEAST_PART = 1 << 12
"""Numbers that a work-group takes at least, where there are so many."""


def _bucket_limits() -> np.ndarray:
    """The limits that TensorFlow's histograms have: each 1.1 times the one before, from 1e-12 to 1e20, on both sides of 0."""
    found = []
    limit = 1e-12
    while limit < 1e20:
        found.append(limit)
        limit *= 1.1
    found.append(np.finfo(np.float64).max)
    positive = np.array(found)
    return np.concatenate([-positive[::-1], [0.0], positive])


LIMITS = _bucket_limits()
"""Upper limits of the buckets, the last of which no number reaches."""

_WIDE = {
    "float16": (dtypes.float32, "-INFINITY", "INFINITY"),
    "float32": (dtypes.float32, "-INFINITY", "INFINITY"),
    "float64": (dtypes.float64, "(-(double)INFINITY)", "((double)INFINITY)"),
    "uint32": (dtypes.uint32, "0", "UINT_MAX"),
    "int64": (dtypes.int64, "LONG_MIN", "LONG_MAX"),
    "uint64": (dtypes.uint64, "0", "ULONG_MAX"),
}
"""In what a type's numbers are compared, and what none is below or above; the rest as int32."""


def _wide(dtype: DType) -> tuple[DType, str, str]:
    return _WIDE.get(dtype.name, (dtypes.int32, "INT_MIN", "INT_MAX"))


def limits_for(dtype: DType) -> tuple[int, np.ndarray]:
    """The limits that numbers of a type may lie on both sides of, and how many limits are below all of them.

    They are rounded up to the type that numbers are compared in: what is below the one is below the other.
    """
    wide = _wide(dtype)[0]
    first = int(np.searchsorted(LIMITS, float(wide.min), "right"))
    found = LIMITS[first : int(np.searchsorted(LIMITS, float(wide.max), "right"))]
    if not wide.is_floating:
        return first, np.ceil(found).astype(wide.np_dtype)
    near = found.astype(wide.np_dtype)
    near[near < found] = np.nextafter(near[near < found], wide.np_dtype.type(np.inf))
    return first, near


@frozen
class BucketSummary(OpDef):
    """A record of numbers for a histogram summary (kernels_cl/summary.cl); `limits` is what `limits_for` has for their type."""

    differentiable: ClassVar[bool] = False

    def infer(self, values: Spec, limits: Spec) -> Spec:
        _check_numbers(values.dtype, "values")
        return Spec(dtypes.int64, (FIXED + len(LIMITS),))

    def launch(self, run: Launcher, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        values, limits = inputs
        wide, least, most = _wide(values.dtype)
        group = _group(run.traits)
        parts = max(1, min(run.traits.compute_units * 8, -(-values.size // LEAST_PART)))
        each = -(-values.size // parts)
        doubles = "float64" in run.traits.dtypes
        defines: dict[str, Any] = {
            "T": values.dtype.c_type,
            "W": wide.c_type,
            "ACC": "double" if doubles else "float",
            "LEAST": least,
            "MOST": most,
            "BUCKETS": len(LIMITS),
            "GROUP": group,
        }
        defines |= dict.fromkeys(["FLOATING"] * wide.is_floating + ["DOUBLES"] * doubles)
        counts = run.scratch((parts, len(LIMITS)), dtypes.uint32)
        tallies = run.scratch((parts, FIXED), dtypes.int64)
        scalars = [np.int64(values.size), np.int64(each), np.int32(limits.size), np.int32(limits_for(values.dtype)[0])]
        args = [counts, tallies, values, limits, *scalars]
        run.kernel(FILE, "tally_summary", args, (parts * group,), (group,), defines, (0, 1))
        run.kernel(FILE, "join_summary", [outputs[0], counts, tallies, np.int32(parts)], (len(LIMITS),), None, defines)


def _group(traits: DeviceTraits) -> int:
    """Work-items of a group: a power of two, as many as have room for what they join."""
    return 1 if traits.is_cpu else 1 << (min(128, traits.max_work_group).bit_length() - 1)


def _check_numbers(dtype: DType, what: str) -> None:
    if dtype not in NUMERIC:
        raise TypeError(f"{what} must be numbers, not {dtype.name}")


def _check_tag(tag: Spec) -> None:
    if tag.dtype is not dtypes.string:
        raise TypeError(f"The tag must be a string, not {tag.dtype.name}")
    if tag.rank not in (None, 0):
        raise ValueError(f"The tag must be a single string, not of shape {show(tag.dims)}")


def _text(tag: Any) -> str:
    return tag.decode(errors="replace") if isinstance(tag, bytes) else str(tag)


class HostSummary(OpDef):
    """Base of the operations that make a summary, on the host, of what they are given."""

    host: ClassVar[bool] = True
    stateful: ClassVar[bool] = True
    checks: ClassVar[bool] = True
    differentiable: ClassVar[bool] = False

    def compute(self, *values: Any) -> Sequence[Any]:
        return [np.array(self.summary(*values), object)]

    def summary(self, *values: Any) -> bytes:
        """The summary's bytes, from arrays and strings."""
        raise NotImplementedError(f"{type(self).__name__}.summary")


@frozen
class ScalarSummary(HostSummary):
    """A summary with a tag and a number, or several."""

    def infer(self, tags: Spec, values: Spec) -> Spec:
        if tags.dtype is not dtypes.string:
            raise TypeError(f"The tags must be strings, not {tags.dtype.name}")
        _check_numbers(values.dtype, "values")
        if not TensorShape.of(tags.dims).is_compatible_with(TensorShape.of(values.dims)):
            raise ValueError(f"The tags have shape {show(tags.dims)}, and the values {show(values.dims)}")
        return Spec(dtypes.string, ())

    def summary(self, tags: Any, values: Any) -> bytes:
        tags, values = np.asarray(tags), np.asarray(values)
        if tags.shape != values.shape:
            raise errors.InvalidArgumentError(
                None, None, f"The tags have shape {show(tags.shape)}, and the values {show(values.shape)}"
            )
        pairs = zip(tags.ravel().tolist(), values.ravel(), strict=True)
        return Summary(value=[Summary.Value(tag=_text(t), simple_value=float(v)) for t, v in pairs]).SerializeToString()


@frozen
class HistogramSummary(HostSummary):
    """A summary with a tag and a histogram, from a record of `BucketSummary`."""

    label: str
    T: DType

    def infer(self, tag: Spec, record: Spec) -> Spec:
        _check_tag(tag)
        return Spec(dtypes.string, ())

    def summary(self, tag: Any, record: Any) -> bytes:
        if record[0]:
            raise errors.InvalidArgumentError(None, None, f"Nan in summary histogram for: {self.label}")
        if record[1]:
            raise errors.InvalidArgumentError(None, None, f"Infinity in Histogram for: {self.label}")
        counts = record[FIXED:]
        total = float(counts.sum())
        kept = np.float64 if self.T.is_floating else np.uint64 if self.T.name == "uint64" else np.int64
        # Of no numbers the limits' ends, crossed, as TensorFlow has it.
        least, most = record[2:4].view(kept).tolist() if total else (LIMITS[-1], -LIMITS[-1])
        value = Summary.Value(tag=_text(np.asarray(tag)[()]))
        histogram = value.histo
        histogram.min, histogram.max, histogram.num = least, most, total
        histogram.sum, histogram.sum_squares = record[4:6].view(np.float64).tolist() if total else (0.0, 0.0)
        # Of neighbouring empty buckets one stands for all.
        last = np.flatnonzero((counts > 0) | (np.append(counts[1:], 1) > 0))
        histogram.bucket_limit, histogram.bucket = LIMITS[last].tolist(), counts[last].tolist()
        return Summary(value=[value]).SerializeToString()


@frozen
class ImageSummary(HostSummary):
    """A summary with pictures, as PNG files."""

    max_images: int
    bad_color: tuple[int, ...]

    def infer(self, tag: Spec, tensor: Spec) -> Spec:
        _check_tag(tag)
        if tensor.dtype is not dtypes.uint8 and tensor.dtype not in FLOATING:
            raise TypeError(f"The pictures must be uint8, float16, float32 or float64, not {tensor.dtype.name}")
        if tensor.rank not in (None, 4) or (tensor.dims is not None and tensor.dims[3] not in (None, 1, 3, 4)):
            raise ValueError(
                f"The pictures must be [batch, height, width, channels] with 1, 3 or 4 channels, not {show(tensor.dims)}"
            )
        if self.max_images < 1:
            raise ValueError(f"max_images must be at least 1, not {self.max_images}")
        return Spec(dtypes.string, ())

    def summary(self, tag: Any, tensor: Any) -> bytes:
        if tensor.shape[3] not in (1, 3, 4) or (len(tensor) and not tensor.size):
            raise errors.InvalidArgumentError(
                None,
                None,
                f"There are no pictures of shape {show(tensor.shape)}: they need 1, 3 or 4 channels, and pixels",
            )
        name = _text(np.asarray(tag)[()])
        found = Summary()
        for k, picture in enumerate(tensor):
            pixels = picture if picture.dtype == np.uint8 else pictures.as_bytes(picture, self.bad_color)
            value = found.value.add(tag=f"{name}/image/{k}" if self.max_images > 1 else f"{name}/image")
            value.image.height, value.image.width, value.image.colorspace = pixels.shape
            value.image.encoded_image_string = pictures.png(pixels)
        return found.SerializeToString()


@frozen
class MergeSummary(HostSummary):
    """The values of several summaries in one."""

    def infer(self, *inputs: Spec) -> Spec:
        for spec in inputs:
            if spec.dtype is not dtypes.string:
                raise TypeError(f"Summaries are strings, not {spec.dtype.name}")
        return Spec(dtypes.string, ())

    def summary(self, *inputs: Any) -> bytes:
        seen: set[str] = set()
        merged = []
        for k, given in enumerate(inputs):
            for data in np.asarray(given).ravel().tolist():
                try:
                    tags = [value.tag for value in Summary.FromString(data).value]
                except (DecodeError, TypeError):
                    raise errors.InvalidArgumentError(
                        None, None, f"Input {k} has not the bytes of a summary, but {data!r:.60}"
                    ) from None
                for tag in tags:
                    if tag and tag in seen:
                        raise errors.InvalidArgumentError(None, None, f"Duplicate tag {tag} found in summary inputs")
                    seen.add(tag)
                merged.append(data)
        return b"".join(merged)  # messages one after the other are one with the lists of all


def collected(summary: Tensor, collections: Any) -> Tensor:
    """Puts a summary into collections, that of all summaries where it is None."""
    summary.graph.add_to_collections([GraphKeys.SUMMARIES] if collections is None else collections, summary)
    return summary


def scalar_summary(tags: Any, values: Any, collections: Any = None, name: str | None = None) -> Tensor:
    """A summary of numbers, each with its tag: what curves are made of.

    Args:
      tags: a string, or strings of the shape of `values`.
      values: numbers; NaN and infinities may be among them.
      collections: names of the graph's collections that it joins; `[GraphKeys.SUMMARIES]` by default.
      name: the operation's name.

    Returns:
      A string tensor of shape []: the bytes of a `Summary`.

    Raises:
      ValueError: for tags of another shape than the values'; in a run, where only that tells, InvalidArgumentError.
      TypeError: for values that are no numbers.

    Example:
      >>> text = tf.Session().run(tf.scalar_summary("loss", 0.5))
      >>> tf.Summary.FromString(text).value[0].simple_value
      0.5
    """
    with name_scope(name, "ScalarSummary", [values]) as scope:
        given = [convert_to_tensor(tags, dtypes.string, "tags"), convert_to_tensor(values, name="values")]
        return collected(apply(ScalarSummary(), given, scope), collections)


def histogram_summary(tag: Any, values: Any, collections: Any = None, name: str | None = None) -> Tensor:
    """A summary of how numbers lie: a histogram, counted on the device, that TensorBoard draws.

    Args:
      tag: a string.
      values: numbers of any shape.
      collections: names of the graph's collections that it joins; `[GraphKeys.SUMMARIES]` by default.
      name: the operation's name.

    Returns:
      A string tensor of shape []: the bytes of a `Summary`.

    Raises:
      TypeError: for values that are no numbers.
      InvalidArgumentError: in a run, for a NaN or an infinity among them.

    Example:
      >>> text = tf.Session().run(tf.histogram_summary("weights", [1.0, 2.0]))
      >>> tf.Summary.FromString(text).value[0].histo.num
      2.0
    """
    with name_scope(name, "HistogramSummary", [values]) as scope:
        label = convert_to_tensor(tag, dtypes.string, "tag")
        numbers = convert_to_tensor(values, name="values")
        dtype = numbers.dtype.base_dtype
        _check_numbers(dtype, f"The values of {scope.rstrip('/')!r}")
        limits = constant(limits_for(dtype)[1], name="limits")
        record = apply(BucketSummary(), [numbers, limits], "record")
        return collected(apply(HistogramSummary(scope.rstrip("/"), dtype), [label, record], scope), collections)


def image_summary(
    tag: Any,
    tensor: Any,
    max_images: int = 3,
    collections: Any = None,
    name: str | None = None,
    bad_color: Sequence[int] = (255, 0, 0, 255),
) -> Tensor:
    """A summary of pictures: the first `max_images` of a batch, with tags "tag/image/0" and so on ("tag/image" of just one).

    Floating pixels are stretched, picture by picture, so that the largest is 255; where some are negative, so that 0 is 128.

    Args:
      tag: a string.
      tensor: `[batch, height, width, channels]` of uint8 or floating numbers, with 1 (grey), 3 (RGB) or 4 (RGBA) channels.
      max_images: how many, at most.
      collections: names of the graph's collections that it joins; `[GraphKeys.SUMMARIES]` by default.
      name: the operation's name.
      bad_color: of pixels that are NaN or infinite, a byte for each channel.

    Returns:
      A string tensor of shape []: the bytes of a `Summary`.

    Raises:
      ValueError: for another shape, or `max_images` below 1.
      TypeError: for pixels of another type.

    Example:
      >>> text = tf.Session().run(tf.image_summary("digits", tf.zeros([2, 28, 28, 1])))
      >>> [value.tag for value in tf.Summary.FromString(text).value]
      ['digits/image/0', 'digits/image/1']
    """
    with name_scope(name, "ImageSummary", [tensor]) as scope:
        label = convert_to_tensor(tag, dtypes.string, "tag")
        batch = convert_to_tensor(tensor, name="tensor")
        definition = ImageSummary(int(max_images), tuple(map(int, bad_color)))
        if batch.dims is not None and len(batch.dims) == 4:
            batch = batch[: max(definition.max_images, 1)]  # no more is brought to the host
        return collected(apply(definition, [label, batch], scope), collections)


def merge_summary(inputs: Sequence[Any], collections: Any = None, name: str | None = None) -> Tensor:
    """One summary with the values of several.

    Args:
      inputs: summaries, at least one.
      collections: names of the graph's collections that it joins; none by default.
      name: the operation's name.

    Returns:
      A string tensor of shape []: the bytes of a `Summary`.

    Raises:
      ValueError: for no input.
      InvalidArgumentError: in a run, where two of them have the same tag, or one is no summary.

    Example:
      >>> both = tf.merge_summary([tf.scalar_summary("loss", 0.5), tf.scalar_summary("accuracy", 1.0)])
      >>> [value.tag for value in tf.Summary.FromString(tf.Session().run(both)).value]
      ['loss', 'accuracy']
    """
    given = [convert_to_tensor(value, dtypes.string) for value in inputs]
    if not given:
        raise ValueError("merge_summary needs at least one summary")
    with name_scope(name, "MergeSummary", given) as scope:
        return collected(apply(MergeSummary(), given, scope), [] if collections is None else collections)


def merge_all_summaries(key: Any = GraphKeys.SUMMARIES, scope: str | None = None) -> Tensor | None:
    """One summary with the values of all in a collection of the default graph; None where there is none.

    Args:
      key: the collection's name.
      scope: a regular expression that the operations' names begin with.

    Example:
      >>> loss = tf.scalar_summary("loss", 0.5)
      >>> tf.merge_all_summaries()
      <tf.Tensor 'MergeSummary:0' shape=() dtype=string>
    """
    found = get_collection(key, scope)
    return merge_summary(found) if found else None


__all__ = [name for name in public_names(globals()) if name not in ("collected", "limits_for")]
