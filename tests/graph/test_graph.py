"""Graph: names, scopes, devices, control dependencies, collections, lookups."""

from __future__ import annotations

import runpy
import threading

import numpy as np
import pytest

import graphlab_nb as tf


@pytest.fixture(autouse=True)
def fresh_graph():
    with tf.Graph().as_default() as graph:
        yield graph


def test_names_are_made_unique_as_tensorflow_does():
    assert [tf.constant(1.0).op.name for _ in range(3)] == ["Const", "Const_1", "Const_2"]
    assert tf.constant(1.0, name="a").name == "a:0"
    assert tf.constant(1.0, name="a").name == "a_1:0"
    assert tf.constant(1.0, name="a_1").name == "a_1_1:0"


def test_name_scopes_nest_repeat_and_reenter():
    with tf.name_scope("outer") as outer:
        assert outer == "outer/"
        with tf.name_scope("inner") as inner:
            assert inner == "outer/inner/"
            assert tf.constant(0, name="x").op.name == "outer/inner/x"
    with tf.name_scope("outer") as second:
        assert second == "outer_1/"
    with tf.name_scope(outer):
        assert tf.constant(0, name="y").op.name == "outer/y"
    with tf.name_scope("a"), tf.name_scope(None):
        assert tf.constant(0, name="top").op.name == "top"


def test_name_scope_takes_defaults_and_values():
    x = tf.constant(1.0)
    with tf.name_scope(None, "default", [x]) as scope:
        assert scope == "default/"
    with tf.op_scope([x], "given", "default") as scope:
        assert scope == "given/"


@pytest.mark.parametrize("name", ["a b", "-x", "a$", "_x"])
def test_bad_names_are_refused(name):
    with pytest.raises(ValueError, match="not a valid"):
        tf.constant(1.0, name=name)


def test_devices_nest_merge_and_clear():
    with tf.device("/job:ps/task:1"):
        with tf.device("/cpu:0"):
            a = tf.constant(1.0)
        with tf.device(None):
            b = tf.constant(1.0)
    assert a.device == "/job:ps/task:1/device:CPU:0"
    assert b.device == ""
    with tf.device("/gpu:0"), tf.device("/cpu:1"):
        assert tf.constant(1.0).device == "/device:CPU:1"


def test_device_functions_choose_by_operation():
    def choose(op):
        return "/cpu:1" if op.type == "Const" else "/cpu:0"

    with tf.device(choose):
        a = tf.constant(1.0)
        b = tf.identity(a)
    assert a.device.endswith("CPU:1") and b.device.endswith("CPU:0")


def test_bad_device_is_refused_where_it_is_written():
    with pytest.raises(ValueError, match="tpu"), tf.device("/tpu:0"):
        pass


def test_control_dependencies_nest_and_clear():
    a, b = tf.constant(1.0), tf.constant(2.0)
    with tf.control_dependencies([a]):
        with tf.control_dependencies([b.op]):
            c = tf.constant(3.0) + 1.0
            d = tf.identity(c)
        with tf.control_dependencies(None):
            e = tf.constant(4.0)
    assert c.op.control_inputs == [a.op, b.op]
    assert d.op.control_inputs == []  # it waits through c
    assert e.op.control_inputs == []


def test_collections():
    tf.add_to_collection("things", 1)
    tf.add_to_collection("things", 2)
    assert tf.get_collection("things") == [1, 2]
    tf.get_collection_ref("things").append(3)
    assert tf.get_collection("things") == [1, 2, 3]
    x = tf.constant(1.0, name="scope/x")
    y = tf.constant(1.0, name="other/y")
    for t in (x, y):
        tf.add_to_collection("tensors", t)
    assert tf.get_collection("tensors", scope="scope") == [x]


def test_lookups(fresh_graph):
    a = tf.constant(1.0, name="a")
    assert fresh_graph.get_tensor_by_name("a:0") is a
    assert fresh_graph.get_operation_by_name("a") is a.op
    assert fresh_graph.as_graph_element("a:0") is a and fresh_graph.as_graph_element("a") is a.op
    assert fresh_graph.get_operations() == [a.op]
    with pytest.raises(KeyError, match="b"):
        fresh_graph.get_tensor_by_name("b:0")
    with pytest.raises(KeyError, match="1 outputs"):
        fresh_graph.get_tensor_by_name("a:1")
    with pytest.raises(ValueError, match="a:0"):
        fresh_graph.get_tensor_by_name("a")
    with pytest.raises(TypeError):
        fresh_graph.as_graph_element(3.0)


def test_finalized_graph_takes_nothing(fresh_graph):
    fresh_graph.finalize()
    with pytest.raises(RuntimeError, match="finalized"):
        tf.constant(1.0)


def test_tensors_of_two_graphs_do_not_mix():
    a = tf.constant(1.0)
    with tf.Graph().as_default():
        b = tf.constant(1.0)
    with pytest.raises(ValueError, match="different graphs"):
        tf.add(a, b)


def test_default_graph_stack_is_per_thread(fresh_graph):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(tf.get_default_graph()))
    thread.start()
    thread.join()
    assert seen[0] is not fresh_graph


def test_reset_default_graph_inside_a_with_block_is_refused():
    with pytest.raises(AssertionError, match="reset"):
        tf.reset_default_graph()


def test_constant_values_and_types():
    assert tf.constant(1.5).dtype == tf.float32
    assert tf.constant(1).dtype == tf.int32
    assert tf.constant(2**40).dtype == tf.int64
    assert tf.constant(True).dtype == tf.bool
    assert tf.constant("text").dtype == tf.string
    assert tf.constant(np.zeros(2)).dtype == tf.float64
    assert tf.constant([[1, 2], [3, 4]], dtype=tf.float32).get_shape() == (2, 2)
    assert tf.constant(7, shape=[2, 3]).get_shape().as_list() == [2, 3]
    with pytest.raises(TypeError, match="int32"):
        tf.constant(1.5, dtype=tf.int32)
    with pytest.raises(ValueError, match="out of range"):
        tf.constant(300, dtype=tf.uint8)
    with pytest.raises(ValueError):
        tf.constant([1, 2, 3], shape=[2])
    with pytest.raises(ValueError, match="tensor"):
        tf.constant([[1, 2], [3]])
    with pytest.raises(TypeError):
        tf.constant(object())


def test_tensor_has_no_value_before_it_is_run():
    x = tf.constant([1.0, 2.0])
    for use in (bool, len, float, iter):
        with pytest.raises(TypeError, match="Const"):
            use(x)
    with pytest.raises(TypeError):
        np.asarray(x)
    assert x == x and x in {x}


def test_operation_attributes():
    a, b = tf.constant([[1.0]], name="a"), tf.constant([[2.0]], name="b")
    c = tf.matmul(a, b, transpose_a=True, name="c")
    op = c.op
    assert (op.name, op.type, list(op.inputs), list(op.outputs)) == ("c", "MatMul", [a, b], [c])
    assert op.get_attr("transpose_a") is True
    with pytest.raises(ValueError, match="nothing"):
        op.get_attr("nothing")
    assert a.consumers() == [op]
    file, line, function = op.traceback[-1]
    assert file == __file__ and line > 0 and function == "test_operation_attributes"


def test_set_shape_adds_and_contradicts():
    x = tf.placeholder(tf.float32, [None, 3])
    x.set_shape([5, None])
    assert x.get_shape().as_list() == [5, 3]
    with pytest.raises(ValueError, match="Placeholder"):
        x.set_shape([4, 3])


def test_eval_without_a_session_says_what_to_do():
    with pytest.raises(ValueError, match="session"):
        tf.constant(1.0).eval()
    with pytest.raises(ValueError, match="session"):
        tf.no_op().run()


def test_shape_errors_name_shapes_and_operations():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    with pytest.raises(ValueError, match=r"(?s)\(\?, 3\).*\(4, 2\).*x:0.*w:0"):
        tf.matmul(x, tf.constant(np.ones([4, 2], np.float32), name="w"))
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        tf.add(tf.zeros([2]), tf.zeros([3]))


def test_the_traceback_has_all_functions_of_the_program_and_those_that_execute_code():
    names: dict = {"tf": tf}
    code = (
        "def inner(shape, dtype):\n    return tf.add(tf.zeros(shape), 1.0)\n\n"
        "def outer():\n    return tf.get_variable('w', [2], initializer=inner)\n\ny = outer()"
    )
    exec(compile(code, "model.py", "exec"), names)
    (add,) = [op for op in names["y"].graph.get_operations() if op.type == "Add"]
    assert add.traceback[-3:] == [("model.py", 7, "<module>"), ("model.py", 5, "outer"), ("model.py", 2, "inner")]
    file, _, function = add.traceback[-4]  # the program's own exec is no end
    assert (file, function) == (
        __file__,
        "test_the_traceback_has_all_functions_of_the_program_and_those_that_execute_code",
    )


def test_the_traceback_of_a_deep_recursion_keeps_its_two_ends(tmp_path):
    path = tmp_path / "deep.py"
    path.write_text(
        "import graphlab_nb as tf\n\ndef f(n):\n    return f(n - 1) if n else tf.constant(1.0)\n\ny = f(500)"
    )
    made = runpy.run_path(str(path))["y"].op
    assert made.traceback == [(str(path), 6, "<module>"), *[(str(path), 4, "f")] * 16]


def test_what_a_call_of_the_library_makes_was_made_by_the_line_that_called():
    x = tf.constant([[1.0]])
    w = tf.Variable([[2.0]])
    loss = tf.reduce_mean(tf.nn.relu(tf.matmul(x, w)))
    before = x.graph.version
    step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    gradient = tf.gradients(tf.nn.relu(loss), [w])[0]
    assert step.graph is gradient.graph
    made = x.graph.get_operations()[before:]
    assert {op.user_line[0] for op in made} == {__file__}
    assert {op.user_line[2] for op in made} == {
        "test_what_a_call_of_the_library_makes_was_made_by_the_line_that_called"
    }
    assert any(op.name.startswith("gradients") for op in made)
