"""Summaries against what TensorFlow recorded of the same inputs (make_fixtures.py), and their errors."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.ops.summaries import LIMITS, limits_for
from tests.kernels.harness import as_gpu
from tests.summary import reader
from tests.summary.inputs import HISTOGRAMS, PICTURES, SCALARS

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "summaries"
RECORDED = {k: base64.b64decode(v) for k, v in json.loads((FIXTURES / "summaries.json").read_text()).items()}


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def run(fetch, feeds=None, form=""):
    """What a session makes of it; the first device's plans take one of the forms that devices have."""
    with tf.Session() as sess:
        device = sess._resources.plan_devices[0]
        traits = as_gpu(device.traits) if form == "as a GPU" else device.traits
        if form == "without float64":
            traits = replace(traits, dtypes=traits.dtypes - {"float64"})
        sess._resources.plan_devices[0] = replace(device, traits=traits)
        return sess.run(fetch, feeds)


def unavailable(array):
    """Whether the device has no such numbers, and says so."""
    with tf.Session() as sess:
        if array.dtype.name in sess._resources.plan_devices[0].traits.dtypes:
            return False
        with pytest.raises(tf.errors.InvalidArgumentError, match=array.dtype.name):
            tensor, feeds = fed(array)
            sess.run(tf.histogram_summary("x", tensor), feeds)
    return True


def fed(array):
    tensor = tf.placeholder(array.dtype, [None] * array.ndim)
    return tensor, {tensor: array}


@pytest.mark.parametrize("name", SCALARS)
def test_scalars_have_tensorflow_s_bytes(name):
    tags, values = SCALARS[name]
    summary = tf.scalar_summary(tags, values)
    assert summary.dtype == tf.string and summary.get_shape() == [] and summary.op.type == "ScalarSummary"
    found = run(summary)
    assert type(found) is bytes and found == RECORDED[f"scalar {name}"]


@pytest.mark.parametrize("form", ["", "as a GPU", "without float64"])
@pytest.mark.parametrize("name", HISTOGRAMS)
def test_histograms_have_tensorflow_s_bytes(name, form):
    values = HISTOGRAMS[name]
    if (form == "without float64" and values.dtype.name == "float64") or unavailable(values):
        return
    tensor, feeds = fed(values)
    found = run(tf.histogram_summary(name, tensor), feeds, form)
    recorded = RECORDED[f"histogram {name}"]
    if form == "without float64" or name in ("small", "long", "unsigned", "limits"):
        # Their sums are rounded, so that the order counts; without float64 large squares are infinite.
        (mine,), (theirs,) = reader.values(found).values(), reader.values(recorded).values()
        mine, theirs = reader.histogram(mine[5]), reader.histogram(theirs[5])
        if form == "without float64":
            theirs["squares"] = theirs["squares"] if theirs["squares"] < 3.4e38 else np.inf
        for key in theirs:
            near = 1e-6 if form == "without float64" else 1e-12
            np.testing.assert_allclose(mine[key], theirs[key], rtol=near if key in ("sum", "squares") else 0)
    else:
        assert found == recorded


def test_a_histogram_of_many_numbers_counts_each_once():
    values = np.random.RandomState(3).standard_cauchy(300_001).astype(np.float32)
    variable = tf.Variable(values)
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        found = reader.histogram(reader.values(sess.run(tf.histogram_summary("w", variable)))["w"][5])
    assert (found["min"], found["max"], found["num"]) == (values.min(), values.max(), values.size)
    wide = values.astype(np.float64)
    np.testing.assert_allclose([found["sum"], found["squares"]], [wide.sum(), (wide**2).sum()], rtol=1e-12)
    counted = np.bincount(np.searchsorted(LIMITS, wide, "right"), minlength=len(LIMITS))
    full = found["counts"] > 0
    assert found["limits"][full].tolist() == LIMITS[counted > 0].tolist()
    assert found["counts"][full].tolist() == counted[counted > 0].tolist()
    assert (np.diff(found["limits"]) > 0).all() and not (~full[1:] & ~full[:-1]).any()


@pytest.mark.parametrize(
    "name", ["float16", "float32", "float64", "int8", "uint8", "int32", "uint32", "int64", "uint64"]
)
def test_rounded_limits_separate_what_limits_do(name):
    dtype = tf.as_dtype(name)
    first, limits = limits_for(dtype)
    edge = limits[:: max(len(limits) // 200, 1)].astype(np.float64)
    if dtype.is_floating:
        near = edge[abs(edge) <= float(dtype.max)].astype(dtype.np_dtype)
        with np.errstate(over="ignore"):
            numbers = np.concatenate(
                [
                    near,
                    np.nextafter(near, np.inf, dtype=dtype.np_dtype),
                    np.nextafter(near, -np.inf, dtype=dtype.np_dtype),
                ]
            )
    else:
        info = np.iinfo(dtype.np_dtype)
        whole = [int(e) + k for e in edge for k in (-1, 0, 1)] + [info.min, info.max]
        numbers = np.array([n for n in whole if info.min <= n <= info.max], dtype.np_dtype)
    numbers = numbers[np.isfinite(numbers)]
    mine = first + np.array(
        [sum(int(limit) <= int(n) if not dtype.is_floating else limit <= n for limit in limits) for n in numbers]
    )
    theirs = np.array([sum(limit <= float(n) for limit in LIMITS) for n in numbers])
    exact = np.array([float(n) == n and (dtype.is_floating or int(float(n)) == int(n)) for n in numbers])
    assert exact.sum() > len(numbers) // 3
    assert mine[exact].tolist() == theirs[exact].tolist()


@pytest.mark.parametrize(
    "bad, text", [(np.nan, "Nan in summary histogram for: w"), (-np.inf, "Infinity in Histogram for: w")]
)
def test_a_histogram_refuses_what_is_not_finite_and_the_run_changes_nothing(bad, text):
    x = tf.placeholder(tf.float32, [3])
    variable = tf.Variable(0.0)
    step = tf.assign_add(variable, 1.0)
    with tf.name_scope("part"):
        summary = tf.histogram_summary("tag", x, name="w")
    with tf.Session() as sess:
        sess.run(tf.initialize_all_variables())
        with pytest.raises(tf.errors.InvalidArgumentError, match=text.replace("w", "part/w")) as caught:
            sess.run([step, summary], {x: [1, bad, 2]})
        assert caught.value.op is summary.op and "test_summaries.py" in str(caught.value)
        assert sess.run(variable) == 0
        sess.run([step, summary], {x: [1, 2, 2]})
        assert sess.run(variable) == 1


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_have_tensorflow_s_pixels(name):
    if unavailable(PICTURES[name]):
        return
    tensor, feeds = fed(PICTURES[name])
    found = reader.values(run(tf.image_summary(name, tensor, max_images=1 if name == "half" else 3), feeds))
    recorded = reader.values(RECORDED[f"image {name}"])
    assert list(found) == list(recorded)
    for tag in recorded:
        size, pixels = reader.picture(found[tag][4])
        wanted_size, wanted = reader.picture(recorded[tag][4])
        assert size == wanted_size == pixels.shape
        np.testing.assert_array_equal(pixels, wanted)


def test_no_more_pictures_are_brought_to_the_host_than_are_shown():
    images = tf.placeholder(tf.float32, [1000, 28, 28, 1])
    summary = tf.image_summary("x", images)
    assert summary.op.inputs[1].get_shape() == [3, 28, 28, 1]
    assert len(reader.values(run(summary, {images: np.ones([1000, 28, 28, 1])}))) == 3


def test_a_merge_has_all_values_in_order():
    parts = [tf.scalar_summary(tag, float(k)) for k, tag in enumerate("xyz")]
    merged = tf.merge_summary(parts)
    assert merged.op.type == "MergeSummary" and list(merged.op.inputs) == parts
    assert run(merged) == RECORDED["merge"]
    assert run([merged, parts[1]])[1] == run(parts[1])


def test_summaries_are_collected_where_asked():
    assert tf.merge_all_summaries() is None
    first = tf.scalar_summary("a", 1.0)
    second = tf.histogram_summary("b", [1.0], collections=["mine", tf.GraphKeys.SUMMARIES])
    tf.image_summary("c", np.zeros([1, 2, 2, 1]), collections=[])
    assert tf.get_collection(tf.GraphKeys.SUMMARIES) == [first, second] and tf.get_collection("mine") == [second]
    merged = tf.merge_all_summaries()
    assert list(merged.op.inputs) == [first, second]
    assert list(tf.merge_all_summaries("mine").op.inputs) == [second] and tf.merge_all_summaries("other") is None
    assert tf.get_collection(tf.GraphKeys.SUMMARIES) == [first, second]
    assert list(reader.values(run(merged))) == ["a", "b"]


def test_the_newer_names_tag_by_scope():
    with tf.name_scope("net"):
        found = [tf.summary.scalar("loss now!", 1.0), tf.summary.scalar("loss now!", 2.0), tf.summary.scalar("/q", 3.0)]
        found += [tf.summary.histogram("h", [1.0]), tf.summary.scalar("r", 1.0, family="fam")]
        found += [tf.summary.image("i", np.zeros([4, 2, 2, 3], np.uint8), max_outputs=1)]
    names = ["net/loss_now_", "net/loss_now__1", "net/q", "net/h", "net/fam/r", "net/i"]
    assert [s.op.name for s in found] == names
    tags = ["net/loss_now_", "net/loss_now__1", "net/q", "net/h", "fam/net/fam/r", "net/i/image"]
    merged = tf.summary.merge_all(scope="net/")
    assert list(reader.values(run(merged))) == tags and tf.summary.merge_all(scope="other") is None
    assert list(reader.values(run(tf.summary.merge(found[:2], name="two")))) == tags[:2]
    with pytest.raises(ValueError, match="is no name of a summary"):
        tf.summary.scalar("/", 1.0)


def test_tags_may_be_fed_and_values_have_any_shape():
    tags, values = tf.placeholder(tf.string, [None, 2]), tf.placeholder(tf.float32, [None, 2])
    summary = tf.scalar_summary(tags, values)
    with tf.Session() as sess:
        data = sess.run(summary, {tags: [["a", "b"], ["c", "d"]], values: [[1, 2], [3, 4]]})
        assert {t: v[2] for t, v in reader.values(data).items()} == {
            k: np.float32(n).tobytes() for n, k in enumerate("abcd", 1)
        }
        with pytest.raises(
            tf.errors.InvalidArgumentError, match=r"tags have shape \(1, 2\), and the values \(2, 2\).*ScalarSummary"
        ):
            sess.run(summary, {tags: [["a", "b"]], values: [[1, 2], [3, 4]]})


def test_a_summary_may_be_fed_and_what_is_none_is_refused():
    x = tf.placeholder(tf.float32, [])
    part = tf.scalar_summary("a", x, name="part")
    merged = tf.merge_summary([part, tf.scalar_summary("b", 2.0)])
    with tf.Session() as sess:
        data = tf.Summary(value=[tf.Summary.Value(tag="fed", simple_value=5.0)]).SerializeToString()
        assert list(reader.values(sess.run(merged, {part: data}))) == ["fed", "b"]
        assert sess.run(part, {part: data}) == data
        for wrong in (b"\xff\xff", "text"):
            with pytest.raises(
                tf.errors.InvalidArgumentError, match=r"Input 0 has not the bytes of a summary.*MergeSummary.*part:0"
            ):
                sess.run(merged, {part: wrong})
        with pytest.raises(TypeError, match=r"'part:0' cannot be fed to a tensor of string: Expected strings, got 3"):
            sess.run(merged, {part: 3})
        with pytest.raises(tf.errors.InvalidArgumentError, match="Duplicate tag b found in summary inputs"):
            sess.run(
                merged, {part: tf.Summary(value=[tf.Summary.Value(tag="b", simple_value=5.0)]).SerializeToString()}
            )


def test_a_summary_of_what_only_the_run_shapes():
    x = tf.placeholder(tf.float32, [None])
    found = tf.gather(x, tf.reshape(tf.where(x > 1), [-1]))
    early = tf.scalar_summary("all", tf.reduce_sum(x))
    late = tf.histogram_summary("some", found)
    merged = tf.merge_summary([early, late])
    with tf.Session() as sess:
        for numbers in ([1, 2, 3], [5, 6, 0, 7, 8]):
            data = reader.values(sess.run(tf.identity(merged), {x: numbers}))
            assert data["all"][2] == np.float32(sum(numbers)).tobytes()
            assert reader.histogram(data["some"][5])["num"] == sum(n > 1 for n in numbers)


@pytest.mark.parametrize(
    "make, kind, text",
    [
        (lambda: tf.scalar_summary(["a", "b"], [1.0]), ValueError, r"tags have shape \(2,\), and the values \(1,\)"),
        (lambda: tf.scalar_summary("a", [1.0]), ValueError, r"tags have shape \(\), and the values \(1,\)"),
        (lambda: tf.scalar_summary("a", True), TypeError, "values must be numbers, not bool.*'ScalarSummary'"),
        (lambda: tf.scalar_summary("a", "b", name="mine"), TypeError, "values must be numbers, not string.*'mine'"),
        (lambda: tf.scalar_summary(1.0, 2.0), TypeError, "string"),
        (
            lambda: tf.histogram_summary("a", "b", name="mine"),
            TypeError,
            "values of 'mine' must be numbers, not string",
        ),
        (lambda: tf.histogram_summary(["a"], [1.0]), ValueError, "tag must be a single string"),
        (lambda: tf.image_summary("a", np.zeros([2, 2, 1])), ValueError, r"\[batch, height, width, channels\]"),
        (lambda: tf.image_summary("a", np.zeros([2, 2, 2, 2])), ValueError, "1, 3 or 4 channels"),
        (lambda: tf.image_summary("a", np.zeros([2, 2, 2, 1], np.int32)), TypeError, "uint8, float16"),
        (lambda: tf.image_summary("a", np.zeros([2, 2, 2, 1]), max_images=0), ValueError, "at least 1, not 0"),
        (lambda: tf.merge_summary([]), ValueError, "at least one"),
        (lambda: tf.merge_summary([tf.constant(1.0)]), ValueError, "string is required"),
        (
            lambda: tf.gradients(tf.scalar_summary("a", tf.Variable(1.0)), tf.constant(1.0)),
            TypeError,
            "ScalarSummary:0 of string cannot be diff",
        ),
    ],
)
def test_errors_name_what_is_wrong(make, kind, text):
    with pytest.raises(kind, match=text):
        make()


def test_pictures_that_only_a_run_shapes_are_checked_then():
    images = tf.placeholder(tf.float32, None)
    summary = tf.image_summary("a", images)
    with tf.Session() as sess:
        assert len(reader.values(sess.run(summary, {images: np.zeros([2, 3, 3, 1])}))) == 2
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"no pictures of shape \(2, 0, 3, 1\).*ImageSummary"):
            sess.run(summary, {images: np.zeros([2, 0, 3, 1])})
        with pytest.raises(
            tf.errors.InvalidArgumentError, match=r"\[batch, height, width, channels\].*\(2, 3\).*ImageSummary"
        ):
            sess.run(summary, {images: np.zeros([2, 3])})


def test_gradients_do_not_pass_through_a_summary():
    x = tf.Variable(1.0)
    with tf.control_dependencies([tf.scalar_summary("a", x)]):
        y = tf.identity(x * 3)
    assert run(tf.gradients(y, x), {x: 1.0}) == [3]
