"""Programs that say `import tensorflow`, run as they are."""

import importlib
import os
import subprocess
import sys
import textwrap
import types

import pytest

import graphlab_nb
from graphlab_nb import as_tensorflow
from graphlab_nb.graph.scopes import get_default_graph


@pytest.fixture
def write(tmp_path):
    """Writes a program and returns its path."""

    def write_program(text, name="program.py"):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text))
        return path

    return write_program


def run(*arguments, cwd=None):
    """Runs the command in a process of its own."""
    root = os.path.dirname(os.path.dirname(graphlab_nb.__file__))
    environment = {**os.environ, "PYTHONPATH": root}
    return subprocess.run(
        [sys.executable, "-m", "graphlab_nb.as_tensorflow", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def installed():
    with as_tensorflow.install():
        yield
    assert "tensorflow" not in sys.modules


def test_a_program_runs_unmodified(write):
    path = write(
        """
        import tensorflow as tf
        from tensorflow.examples.tutorials.mnist import input_data
        mnist = input_data.read_data_sets("MNIST_data", one_hot=True)
        product = tf.matmul(tf.constant([[3., 3.]]), tf.constant([[2.], [2.]]))
        with tf.Session() as sess:
            print(sess.run(product), mnist.train.num_examples)
        """
    )
    done = run(path, cwd=path.parent)
    assert (done.stdout, done.returncode) == ("[[12.]] 55000\n", 0), done.stderr


def test_a_program_sees_itself_as_if_run_directly(write, tmp_path):
    write("there = True", "beside.py")
    path = write(
        """
        import sys
        import beside
        def main():
            print(sys.argv, __name__, sys.modules["__main__"].main is main, __file__, sys.path[0], __spec__)
        if __name__ == "__main__":
            main()
        """
    )
    arguments = ["--steps=3", "a b"]
    direct = subprocess.run(
        [sys.executable, str(path), *arguments], text=True, capture_output=True, timeout=60, check=False
    )
    done = run(path, *arguments)
    assert direct.returncode == done.returncode == 0, done.stderr
    assert done.stdout == direct.stdout


def test_a_module_runs_as_with_m(write, tmp_path):
    (tmp_path / "package").mkdir()
    write("", "package/__init__.py")
    write("import sys\nprint(sys.argv[1:], __name__, __package__, __spec__.name)", "package/part.py")
    done = run("-m", "package.part", "x", cwd=tmp_path)
    assert (done.stdout, done.returncode) == ("['x'] __main__ package package.part\n", 0), done.stderr
    write("print('whole', __name__)", "package/__main__.py")
    done = run("-m", "package", cwd=tmp_path)
    assert (done.stdout, done.returncode) == ("whole __main__\n", 0), done.stderr


def test_the_examples_run_under_their_old_name(tmp_path):
    done = run("-m", "tensorflow.examples.tutorials.mnist.mnist_softmax", "--help", cwd=tmp_path)
    assert done.returncode == 0 and "--steps" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("ending", "code", "message"),
    [
        ("sys.exit(3)", 3, ""),
        ("sys.exit('why')", 1, "why\n"),
        ("tf.app.run(lambda argv: 4)", 4, ""),
        ("tf.app.run(lambda argv: None)", 0, ""),
    ],
)
def test_exit_codes_are_the_programs(write, ending, code, message):
    done = run(write(f"import sys\nimport tensorflow as tf\n{ending}"))
    assert (done.returncode, done.stderr) == (code, message)


def test_a_traceback_begins_in_the_program(write):
    path = write("def inner():\n    raise KeyError('x')\n\n\ninner()\n")
    done = run(path)
    direct = subprocess.run([sys.executable, str(path)], text=True, capture_output=True, timeout=60, check=False)
    assert done.returncode == direct.returncode == 1
    assert done.stderr == direct.stderr


def test_a_syntax_error_is_shown_in_the_program(write):
    done = run(write("print 'Python 2'\n"))
    assert done.returncode == 1
    assert "program.py" in done.stderr and "SyntaxError" in done.stderr and "as_tensorflow" not in done.stderr


def test_a_missing_part_is_named_without_frames_of_the_import(write):
    done = run(write("import tensorflow.contrib.nothing.here as here\n"))
    assert done.returncode == 1
    assert done.stderr.endswith("ImportError: tensorflow.contrib.nothing is not part of graphlab_nb\n")
    assert "as_tensorflow" not in done.stderr and "importlib" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["no_such.py"], 2, "no_such.py': no such file"),
        (["."], 2, "is a folder, not a program"),
        ([], 2, "usage: python -m graphlab_nb.as_tensorflow"),
        (["-m"], 2, "-m needs a module's name"),
        (["-m", "no.such.module"], 1, "there is no module 'no.such.module' to run"),
    ],
)
def test_a_program_that_is_not_there_is_named(tmp_path, arguments, code, message):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == code and message in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_imports_reach_the_same_objects(installed):
    tensorflow = importlib.import_module("tensorflow")
    assert tensorflow.Session is graphlab_nb.Session
    assert tensorflow.__version__ == as_tensorflow.TENSORFLOW_VERSION
    assert "Session" in tensorflow.__dict__ and "Session" in dir(tensorflow)
    assert importlib.import_module("tensorflow.nn").relu is graphlab_nb.nn.relu
    assert importlib.import_module("tensorflow.examples.tutorials.mnist.input_data").read_data_sets is (
        importlib.import_module("graphlab_nb.datasets.mnist").read_data_sets
    )


@pytest.mark.parametrize(
    ("module", "name", "same"),
    [
        ("tensorflow.python.framework.ops", "reset_default_graph", "reset_default_graph"),
        ("tensorflow.python.framework.ops", "Graph", "Graph"),
        ("tensorflow.python.framework.dtypes", "bool", "bool"),
        ("tensorflow.python.framework.dtypes", "as_dtype", "as_dtype"),
        ("tensorflow.python.framework.errors", "NotFoundError", "errors.NotFoundError"),
        ("tensorflow.python.client.session", "Session", "Session"),
        ("tensorflow.python.ops.math_ops", "matmul", "matmul"),
        ("tensorflow.python.ops.nn_ops", "conv2d", "nn.conv2d"),
        ("tensorflow.python.ops.variables", "Variable", "Variable"),
        ("tensorflow.python.training.adam", "AdamOptimizer", "train.AdamOptimizer"),
        ("tensorflow.python.training.moving_averages", "ExponentialMovingAverage", "train.ExponentialMovingAverage"),
        (
            "tensorflow.python.training.moving_averages",
            "assign_moving_average",
            "train.averages.assign_moving_average",
        ),
        ("tensorflow.python.platform.gfile", "Exists", "gfile.Exists"),
        ("tensorflow.python.platform.flags", "FLAGS", "flags.FLAGS"),
        ("tensorflow.python.platform.test", "TestCase", "test.TestCase"),
        ("tensorflow.core.protobuf.config_pb2", "ConfigProto", "ConfigProto"),
        ("tensorflow.contrib.learn.python.learn.datasets.mnist", "read_data_sets", None),
    ],
)
def test_inner_modules_of_tensorflow_are_served(installed, module, name, same):
    found = getattr(importlib.import_module(module), name)
    if same is not None:
        expected = graphlab_nb
        for part in same.split("."):
            expected = getattr(expected, part)
        assert found is expected
    tensorflow = importlib.import_module("tensorflow")
    walked = tensorflow
    for part in module.split(".")[1:]:
        walked = getattr(walked, part)
    assert getattr(walked, name) is found


def test_star_imports_and_submodule_imports(installed):
    names = {}
    exec("from tensorflow import *", names)
    assert names["constant"] is graphlab_nb.constant and "__version__" not in names
    exec("import tensorflow.python.platform\nfrom tensorflow.python.ops import nn, math_ops", names)
    assert names["nn"].softmax is graphlab_nb.nn.softmax and names["math_ops"].add is graphlab_nb.add


@pytest.mark.parametrize(
    ("statement", "kind", "name"),
    [
        ("import tensorflow.nothing", ImportError, "tensorflow.nothing"),
        ("import tensorflow.runtime.device", ImportError, "tensorflow.runtime"),
        ("import tensorflow as tf; tf.graph", AttributeError, "tensorflow.graph"),
        ("import tensorflow as tf; tf.ops", AttributeError, "tensorflow.ops"),
        ("from tensorflow import nothing", ImportError, "tensorflow.nothing"),
        ("from tensorflow.python.ops import nothing", ImportError, "tensorflow.python.ops.nothing"),
        ("from tensorflow.python.ops.math_ops import nothing", ImportError, "tensorflow.python.ops.math_ops.nothing"),
        ("import tensorflow as tf; tf.nothing", AttributeError, "tensorflow.nothing"),
        ("import tensorflow as tf; tf.contrib.nothing.x", AttributeError, "tensorflow.contrib.nothing"),
        (
            "import tensorflow as tf; tf.python.ops.math_ops.nothing",
            AttributeError,
            "tensorflow.python.ops.math_ops.nothing",
        ),
    ],
)
def test_what_is_missing_is_named(installed, statement, kind, name):
    with pytest.raises(kind, match=f"^{name} is not part of graphlab_nb$"):
        exec(statement, {})


def test_graphlab_nbs_modules_keep_their_own_names(installed):
    module = importlib.import_module("tensorflow.examples.tutorials.mnist")
    assert module.__name__ == module.__spec__.name == "graphlab_nb.examples.tutorials.mnist"
    importlib.import_module("tensorflow.python.framework.ops")
    assert not hasattr(graphlab_nb, "python")


def test_a_real_tensorflow_is_never_replaced(monkeypatch):
    real = types.ModuleType("tensorflow")
    real.__file__ = "/somewhere/tensorflow/__init__.py"
    monkeypatch.setitem(sys.modules, "tensorflow", real)
    with pytest.raises(RuntimeError, match=r"already imported from /somewhere/tensorflow/__init__.py"):
        as_tensorflow.install()
    assert sys.modules["tensorflow"] is real and as_tensorflow._finder not in sys.meta_path


def test_uninstalling_leaves_imports_as_they_were(tmp_path, monkeypatch):
    (tmp_path / "tensorflow.py").write_text("real = True\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with as_tensorflow.install():
        with as_tensorflow.install():
            assert importlib.import_module("tensorflow").Session is graphlab_nb.Session
        served = importlib.import_module("tensorflow")
        assert served.Session is graphlab_nb.Session
    assert served.python.framework.ops.Graph is graphlab_nb.Graph
    assert importlib.import_module("tensorflow").real
    del sys.modules["tensorflow"]
    as_tensorflow.uninstall()


def test_a_notebook_runs_a_program_and_gets_its_names(write):
    before = sys.argv, sys.path[:], sys.modules["__main__"], get_default_graph()
    path = write(
        """
        import sys
        import tensorflow as tf
        sess = tf.InteractiveSession()
        x = tf.Variable(2.0, name="x")
        sess.run(tf.initialize_all_variables())
        result = float((x * float(sys.argv[1])).eval())
        sys.exit(0)
        """
    )
    for factor in (3, 4):
        names = as_tensorflow.run_program(path, [str(factor)])
        assert names["result"] == 2.0 * factor and names["x"].name == "x:0"
    assert (sys.argv, sys.path, sys.modules["__main__"], get_default_graph()) == before
    assert "tensorflow" not in sys.modules


def test_a_notebook_sees_a_programs_failure(write):
    with pytest.raises(SystemExit) as end:
        as_tensorflow.run_program(write("raise SystemExit(2)"))
    assert end.value.code == 2
    with pytest.raises(ZeroDivisionError):
        as_tensorflow.run_program(write("1 / 0"))
    with pytest.raises(FileNotFoundError, match=r"no_such\.py"):
        as_tensorflow.run_program("no_such.py")
    assert as_tensorflow._finder not in sys.meta_path


def test_a_notebook_runs_a_module(write, tmp_path, monkeypatch):
    write("import tensorflow as tf\nvalue = tf.float32", "as_tensorflow_sample.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert as_tensorflow.run_program("as_tensorflow_sample", module=True)["value"] is graphlab_nb.float32
