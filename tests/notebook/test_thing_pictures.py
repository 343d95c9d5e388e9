"""Pictures of tensors, operations, optimizers, data sets and devices: what is in them, and that they never fail a cell."""

from __future__ import annotations

import inspect
import itertools
import re

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.datasets.mnist import DataSet, read_data_sets
from graphlab_nb.notebook import displays, svg
from graphlab_nb.notebook.devices_picture import draw_device_list, draw_inventory
from graphlab_nb.notebook.digits_picture import ACROSS, DOWN, draw_data_set, draw_data_sets
from graphlab_nb.notebook.operation_picture import MOST_BESIDE, draw_operation, draw_tensor
from graphlab_nb.notebook.optimizer_picture import draw_optimizer, formula_of, parameters_of
from graphlab_nb.notebook.session_picture import draw_session
from graphlab_nb.notebook.variable_picture import draw_variable
from graphlab_nb.runtime import device
from graphlab_nb.session.device_attributes import DeviceAttributes, DeviceList
from graphlab_nb.train.optimizer import Optimizer
from tests.notebook.test_displays import AWKWARD, images, root, texts


@pytest.fixture
def graph():
    made = tf.Graph()
    with made.as_default():
        yield made


# Tensors and operations


def test_an_operation_s_neighbours_are_shown(graph):
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    w = tf.constant(np.ones([4, 2], np.float32), name="w")
    with tf.device("/cpu:0"), tf.control_dependencies([tf.no_op(name="first")]):
        y = tf.matmul(x, w, name="y")
    tf.nn.relu(y, name="after")
    picture, label = draw_tensor(y)
    words = texts(picture)
    assert words[0] == "y:0" and "MatMul \u00b7 [?, 2] float32 \u00b7 on /device:CPU:0" in words
    assert {"x:0", "[?, 4] float32", "w:0", "first", "after", "Relu"} <= set(words)
    assert any(word.startswith("made by ") and "test_thing_pictures.py:" in word for word in words)
    assert "stroke-dasharray" in picture and "from x:0 [?, 4] float32, w:0 [4, 2] float32" in label
    assert label.startswith("<tf.Tensor 'y:0'") and label.endswith("read by after Relu")


def test_an_operation_without_neighbours_says_so(graph):
    picture, label = draw_operation(tf.no_op(name="alone"))
    assert {"nothing feeds it", "nothing reads it yet", "NoOp \u00b7 no output"} <= set(texts(picture))
    assert "from nothing; read by nothing" in label


def test_many_neighbours_are_counted(graph):
    x = tf.placeholder(tf.float32, [2], name="x")
    for _ in range(MOST_BESIDE + 5):
        tf.square(x)
    assert "and 5 more" in texts(draw_tensor(x)[0])


def test_a_tensor_that_is_gone_says_why():
    tf.reset_default_graph()
    x = tf.constant(1.0)
    tf.reset_default_graph()
    assert any("none to build on any more: the graph was reset by" in text for text in texts(draw_tensor(x)[0]))


@pytest.mark.parametrize("value", AWKWARD)
def test_awkward_texts_are_shown_as_they_are(graph, value):
    picture, _ = draw_tensor(
        tf.constant(value.encode("utf-8", "surrogateescape" if "\ud800" not in value else "replace"))
    )
    assert texts(picture) and "<b onload" not in picture


# Optimizers


def optimizers() -> list[Optimizer]:
    found = []
    for name in sorted(set(tf.train.__all__) - {"Optimizer"}):
        kind = getattr(tf.train, name)
        if inspect.isclass(kind) and issubclass(kind, Optimizer):
            needed = {"learning_rate": 0.25, "momentum": 0.75, "global_step": 7}
            wanted = inspect.signature(kind).parameters
            if "opt" in wanted:  # works by another one
                continue
            found.append(kind(**{name: value for name, value in needed.items() if name in wanted}))
    return found


@pytest.mark.parametrize("optimizer", optimizers(), ids=lambda o: type(o).__name__)
def test_every_optimizer_has_a_formula_and_its_numbers(graph, optimizer):
    assert any(line.startswith("w \u2190") for line in formula_of(optimizer))
    shown = dict(parameters_of(optimizer))
    wanted = [n for n in inspect.signature(type(optimizer)).parameters if n not in ("use_locking", "name")]
    assert list(shown) == wanted and shown["learning_rate"] == "0.25"
    defaults = {n: p.default for n, p in inspect.signature(type(optimizer)).parameters.items()}
    for name, value in shown.items():
        if isinstance(defaults[name], float) and name not in ("learning_rate", "momentum"):
            assert float(value.replace("\u2212", "-")) == pytest.approx(defaults[name]), name
    assert "It trains nothing in the default graph yet" in draw_optimizer(optimizer)[1]


def test_an_optimizer_of_replicas_is_shown_without_a_formula(graph):
    optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.25), 2)
    assert not formula_of(optimizer)
    picture, label = draw_optimizer(optimizer)
    assert "SyncReplicas" in label and any("SyncReplicas" in text for text in texts(picture))


def test_variants_have_formulas_of_their_own():
    momentum = tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True)
    assert formula_of(momentum)[-1] == "w \u2190 w \u2212 \u03b7 (g + \u03bc m)"
    assert len(formula_of(tf.train.RMSPropOptimizer(0.1, centered=True))) == 3


def test_an_optimizer_tells_what_it_trains_here(graph):
    w = tf.Variable(tf.ones([3, 2]), name="w")
    tf.Variable(1.0, name="other")
    optimizer = tf.train.AdamOptimizer(tf.constant(0.1, name="rate"))
    optimizer.minimize(tf.reduce_sum(w, name="loss"), var_list=[w])
    picture, label = draw_optimizer(optimizer)
    assert {"rate:0, a tensor", "Adam trains 1 variable, to make loss:0 smaller", "w [3, 2]"} <= set(texts(picture))
    assert label.endswith("smaller: w [3, 2]")
    with tf.Graph().as_default():
        assert "trains nothing in the default graph" in draw_optimizer(optimizer)[1]


def test_an_optimizer_of_the_user_s_has_no_formula():
    class Mine(Optimizer):
        """Does as it likes."""

    picture, _ = draw_optimizer(Mine(False, "mine"))
    assert "Does as it likes." in texts(picture) and formula_of(Mine(False, "mine")) == ()


def test_an_optimizer_s_description_is_plain_text(graph):
    for optimizer in optimizers():
        assert "`" not in "".join(draw_optimizer(optimizer))
    assert "decays by momentum, and the variable" in draw_optimizer(tf.train.MomentumOptimizer(0.1, 0.9))[0]


# Data sets


@pytest.fixture(scope="module")
def mnist():
    return read_data_sets("", one_hot=True)


def test_digits_are_shown_with_their_labels(mnist):
    picture, label = draw_data_set(mnist.test)
    drawn = images(picture)
    assert len(drawn) == ACROSS * DOWN and drawn[0].shape == (28, 28, 4)
    expected = np.rint(mnist.test.images[:96].reshape(-1, 28, 28) * 255)
    for pixels, wanted in zip(drawn[:5], expected, strict=False):
        assert np.abs(pixels[:, :, 3].astype(float) - wanted).max() <= 3
    words = texts(picture)
    assert [int(w) for w in words[-96:]] == mnist.test.labels[:96].argmax(1).tolist()
    assert "10,000 images" in label and "7: 1,028" in label


def test_all_parts_are_shown_together(mnist):
    picture, label = draw_data_sets(mnist)
    assert len(images(picture)) == 3 * ACROSS and {"train", "validation", "test"} <= set(texts(picture))
    assert label.startswith("Datasets: train 55,000 images")


@pytest.mark.parametrize(("data", "count"), [
    (DataSet(np.zeros([3, 4, 6, 1], np.uint8), np.arange(3), reshape=False, dtype=tf.uint8), 3),
    (DataSet(np.zeros([2, 5, 1, 1], np.uint8), np.arange(2)), 0),
    (DataSet(np.zeros([0, 28, 28, 1], np.uint8), np.zeros([0])), 0),
    (DataSet([], [], fake_data=True), 0),
], ids=["shaped", "no squares", "empty", "fake"])  # fmt: skip
def test_other_data_is_drawn_as_far_as_it_can_be(data, count):
    picture, _ = draw_data_set(data)
    assert len(images(picture)) == count
    assert ("There are no images to be drawn." in texts(picture)) == (count == 0)


def test_data_sets_tell_their_sizes_in_text(mnist):
    assert repr(mnist.test) == "<DataSet: 10000 images, 784 float32>"
    assert repr(mnist).startswith(
        "Datasets(train=<DataSet: 55000 images, 784 float32>, validation=<DataSet: 5000 images"
    )
    data = DataSet(np.zeros([3, 4, 6, 1], np.uint8), np.arange(3), reshape=False, dtype=tf.uint8)
    assert repr(data) == "<DataSet: 3 images, 4x6x1 uint8>"
    assert repr(DataSet([], [], fake_data=True)) == "<DataSet: 10000 images, no data, for tests>"


# Devices


def test_a_session_s_devices_are_a_table():
    with tf.Session(config=tf.ConfigProto(device_count={"CPU": 2, "GPU": 0})) as session:
        devices = session.list_devices()
    assert isinstance(devices, list) and len(devices) == 2 and devices[0].compute_units > 0
    picture, label = draw_device_list(devices)
    assert {"/cpu:0", "/cpu:1", "2 devices of a session", str(devices[0].compute_units)} <= set(texts(picture))
    assert f"{devices[0].compute_units} compute units" in label.splitlines()[1]
    assert "no devices" in draw_device_list(DeviceList())[1]
    assert "?" in texts(draw_device_list(DeviceList([DeviceAttributes("/device:CPU:0", "CPU", 1 << 30, "one")]))[0])


def test_all_devices_are_a_table_with_reasons():
    found = device.survey()
    text = device.describe(found)
    picture, label = draw_inventory(found, text)
    words = " ".join(texts(picture))
    assert label == text and "/cpu:0" in words and "works" in words and found.reports[0].platform in words


# In a shell


@pytest.mark.parametrize("code", ["tf.constant(1.0)", "tf.no_op()", "tf.train.AdamOptimizer()", "tf.Session().list_devices()",
                                  "tf.examples.tutorials.mnist.input_data.read_data_sets('')"])  # fmt: skip
def test_what_ends_a_cell_is_a_picture_and_text(shell, code):
    thing = shell.run(code)
    data, _ = shell.shell.display_formatter.format(thing)
    assert {"image/svg+xml", "text/html", "text/plain"} == set(data)
    assert "prefers-color-scheme:dark" in data["image/svg+xml"] and "<script" not in data["text/html"]


@pytest.mark.parametrize("code", ["tf.constant(1.0)", "tf.train.AdamOptimizer()"])
def test_a_fault_in_drawing_leaves_the_text(shell, code, monkeypatch):
    thing = shell.run(code)
    monkeypatch.setattr("graphlab_nb.notebook.svg.picture", lambda *_: 1 / 0)
    data, _ = shell.shell.display_formatter.format(thing)
    assert "could not be drawn: ZeroDivisionError" in data["text/plain"] and set(data) == {"text/plain"}


def test_what_has_no_name_any_more_is_told_by_its_kind():
    class Broken:
        def __repr__(self):
            raise ValueError

    assert displays.shown(lambda thing: 1 / 0, Broken())["text/plain"].startswith("<Broken> (it could not be drawn")


# Sessions


def test_long_numbers_of_a_session_s_table_stand_apart(graph):
    values = tf.Variable(np.array([-0.000784, 0.000325, -0.000481], np.float32), name="small")
    with tf.Session() as session:
        session.run(values.initializer)
        nodes = [n for n in root(draw_session(session)[0]).iter() if n.attrib.get("text-anchor") == "end"]
    numbers = [(float(n.attrib["x"]), n.text) for n in nodes if re.match("[\u22120-9]", n.text)]
    assert len(numbers) == 4
    for (end, _), (right, text) in itertools.pairwise(numbers):
        assert right - svg.width_of(text) > end + 18  # a minus may be wider than it counts


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (np.int64(2**53 + 1), "9007199254740993"),
        (np.int64(-(2**62)), "\u22124611686018427387904"),
        (np.uint64(2**64 - 1), "18446744073709551615"),
        (np.float64(1 / 3), "0.3333333333333333"),
        (np.float32(0.1), "0.1"),
        (np.float64(-1e300), "\u22121e+300"),
        (np.float32(-np.inf), "\u2212\u221e; 1 infinite of 1"),
        (True, "True"),
    ],
)
def test_a_single_number_is_exact(value, shown):
    with tf.Graph().as_default(), tf.Session() as session:
        variable = tf.Variable(value)
        session.run(variable.initializer)
        picture, label = draw_variable(variable)
        assert label.endswith(f"value {shown}") and f">{shown.partition(';')[0]}<" in picture
