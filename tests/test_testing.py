"""`tf.test`: its sessions, its comparisons, and that they fail where they should."""

import os
import subprocess
import sys
import textwrap
import unittest

import numpy as np
import pytest

import graphlab_nb as tf


class Case(tf.test.TestCase):
    """The helpers from within a test, as programs use them."""

    def test_sessions(self):
        x = tf.constant([1.0, 2.0])
        with self.test_session() as session:
            assert tf.get_default_session() is session
            self.assertAllEqual((x * 2.0).eval(), [2.0, 4.0])
            variable = tf.Variable(3.0)
            variable.initializer.run()
        with self.session() as again:
            assert again is session
            self.assertAllClose(variable.eval(), 3.0)
        with tf.Graph().as_default() as graph:
            y = tf.constant(5)
        with self.test_session(graph=graph) as other:
            assert other is not session and other.run(y) == 5

    def test_each_test_begins_with_an_empty_graph(self):
        assert tf.get_default_graph().get_operations() == []
        assert tf.get_default_graph().seed is not None
        tf.constant(1)

    test_again_with_an_empty_graph = test_each_test_begins_with_an_empty_graph

    def test_comparisons_pass(self):
        self.assertAllEqual([[1, 2]], np.array([[1, 2]]))
        self.assertAllEqual([np.nan, 1.0], [np.nan, 1.0])
        self.assertAllClose({"a": 1.0, "b": [2.0]}, {"a": 1.0 + 1e-7, "b": [2.0]})
        self.assertAllCloseAccordingToType(np.float16([1.0]), np.float16([1.0005]))
        self.assertNear(1.0, 1.1, 0.2)
        self.assertArrayNear([1.0, 2.0], [1.1, 2.1], 0.2)
        self.assertShapeEqual(np.zeros([2, 3]), tf.zeros([2, 3]))
        self.assertStartsWith("abc", "ab")

    def test_comparisons_fail(self):
        for compare, message in [
            (lambda: self.assertAllEqual([1, 2], [1, 3]), r"not equal at \[\(1,\)\] \(1 of 2 elements\)"),
            (lambda: self.assertAllEqual([1], [[1]]), r"shapes differ: \[1\] and \[1, 1\]"),
            (lambda: self.assertAllEqual([np.nan], [1.0]), "not equal"),
            (lambda: self.assertAllClose([1.0], [1.1]), r"at \[\(0,\)\].*largest difference 0\.1"),
            (lambda: self.assertAllClose({"a": 1.0}, {"b": 1.0}), "'b'"),
            (lambda: self.assertAllClose(np.nan, 1.0), "not within"),
            (lambda: self.assertAllCloseAccordingToType([1.0], [1.0005]), "not within"),
            (lambda: self.assertNear(1.0, 1.3, 0.2, "why"), r"by more than 0\.2 \(why\)"),
            (lambda: self.assertNear(float("nan"), 1.0, 0.2), "nan"),
            (lambda: self.assertArrayNear([1.0], [1.0, 2.0], 0.2), "1 != 2"),
            (lambda: self.assertShapeEqual(np.zeros([2, 3]), tf.zeros([3, 2])), r"\[2, 3\] != \[3, 2\]"),
            (lambda: self.assertStartsWith("abc", "b"), "does not start"),
        ]:
            with pytest.raises(AssertionError, match=message):
                compare()

    def test_errors_of_runs(self):
        def raise_error():
            raise tf.errors.InvalidArgumentError(None, None, "a wrong thing")

        with self.assertRaisesOpError("wrong"):
            raise_error()
        with self.assertRaisesOpError(lambda error: error.code == tf.errors.INVALID_ARGUMENT):
            raise_error()
        with pytest.raises(AssertionError), self.assertRaisesOpError("other"):
            raise_error()
        with pytest.raises(AssertionError, match="a wrong thing"), self.assertRaisesOpError(lambda error: False):
            raise_error()
        with pytest.raises(AssertionError, match="no OpError"), self.assertRaisesOpError(lambda error: True):
            pass

    def test_gradients_are_compared_with_differences(self):
        x = tf.constant([[0.5, -1.0], [2.0, 1.5]])
        w = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        y = tf.matmul(x * x, w)
        point = np.array([[0.5, -1.0], [2.0, 1.5]])
        with self.test_session():
            theoretical, numerical = tf.test.compute_gradient(x, [2, 2], y, [2, 3], x_init_value=point, delta=1e-2)
            self.assertAllClose(theoretical[1, :3], [-2 * 4, -2 * 5, -2 * 6], 1e-5)
            self.assertAllClose(theoretical, numerical, 1e-2, 1e-2)
            assert tf.test.compute_gradient_error([x, w], [[2, 2], [2, 3]], y, [2, 3], delta=1e-2) < 2e-2
            wrong = tf.matmul(x * tf.stop_gradient(x), w)
            assert tf.test.compute_gradient_error(x, [2, 2], wrong, [2, 3], x_init_value=point, delta=1e-2) > 1.0

    def test_a_folder_lasts_for_the_test(self):
        folder = self.get_temp_dir()
        assert os.path.isdir(folder) and self.get_temp_dir() == folder
        self.addCleanup(lambda: self.assertFalse(os.path.exists(folder)))


def test_the_session_method_is_no_test():
    assert "test_session" not in unittest.TestLoader().getTestCaseNames(Case)


def test_questions_about_the_machine():
    assert tf.test.is_built_with_cuda() is False
    assert tf.test.is_gpu_available() == bool(tf.test.gpu_device_name())
    assert not tf.test.is_gpu_available(cuda_only=True)
    assert os.path.isdir(tf.test.get_temp_dir())


def test_main_runs_the_programs_tests(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            """
            import graphlab_nb as tf
            tf.app.flags.DEFINE_boolean("fail", False, "")
            class SumTest(tf.test.TestCase):
                def testSum(self):
                    with self.test_session():
                        self.assertAllEqual((tf.constant(1) + 2).eval(), 4 if tf.app.flags.FLAGS.fail else 3)
            if __name__ == "__main__":
                tf.test.main()
            """
        )
    )
    root = os.path.dirname(os.path.dirname(tf.__file__))
    for arguments, code, message in [(["-v"], 0, "Ran 1 test"), (["--fail"], 1, "FAILED (failures=1)")]:
        done = subprocess.run(
            [sys.executable, str(program), *arguments],
            env={**os.environ, "PYTHONPATH": root},
            text=True,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code and message in done.stderr, done.stderr
