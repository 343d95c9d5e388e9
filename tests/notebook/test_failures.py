"""Errors in cells: short first, with operation, shapes, cell and line; the whole when asked for; still errors for programs."""

from __future__ import annotations

import gc
import re
import weakref

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import graphlab_nb as tf
from graphlab_nb.notebook.failed_runs import FAILED, FailedRun, failed_run
from graphlab_nb.notebook.failures import folded, told

SHAPES = 'a = tf.placeholder(tf.float32, [2, 3], name="a")\n\ny = tf.matmul(a, a, name="product")'


def test_a_graph_s_error_names_operation_shapes_cell_and_line(shell):
    lines = shell.fails(SHAPES).splitlines()
    assert lines == [
        "ValueError: inner dimensions 3 and 2 differ: cannot multiply (2, 3) by (2, 3)",
        "  in MatMul 'product' of a:0 float32(2, 3), a:0 float32(2, 3)",
        f'  In [{shell.count}], line 3:  y = tf.matmul(a, a, name="product")',
        "%tb shows the whole traceback.",
    ]
    assert isinstance(shell.result.error_in_exec, ValueError)
    assert "[in MatMul 'product'" in str(shell.result.error_in_exec)


def test_a_run_s_error_names_the_line_that_made_it_and_the_one_that_ran_it(shell):
    shell.run('labels = tf.placeholder(tf.float32, [None, 10], name="labels")\ntotal = tf.reduce_sum(labels)')
    made = shell.count
    lines = shell.fails("with tf.Session() as s:\n    s.run(total)").splitlines()
    assert lines[0].startswith("InvalidArgumentError: You must feed a value for placeholder tensor 'labels'")
    assert "made at" not in lines[0] and lines[1] == "  in Placeholder 'labels'"
    assert lines[2].startswith(f"  In [{made}], line 1:  labels = tf.placeholder")
    assert lines[3] == f"  In [{shell.count}], line 2:  s.run(total)"


def test_a_function_of_another_cell_is_named_with_the_line_that_called_it(shell):
    shell.run("def layer(x):\n    return tf.matmul(x, x)")
    where = shell.count
    lines = shell.fails('layer(tf.placeholder(tf.float32, [2, 3], name="a"))').splitlines()
    assert f"  In [{where}], line 2:  return tf.matmul(x, x)" in lines
    assert f'  In [{shell.count}], line 1:  layer(tf.placeholder(tf.float32, [2, 3], name="a"))' in lines


def test_the_whole_traceback_is_there_when_asked_for(shell):
    shell.fails(SHAPES)
    shell.run("%tb")
    assert "Traceback (most recent call last)" in shell.printed and "graph/build.py" in shell.printed


@pytest.mark.parametrize("code", ["1 / 0", "int('x')", "raise KeyError('mine')", "import numpy\nnumpy.zeros(2) @ numpy.zeros(3)",
                                  "tf.nothing_of_that_name_here()"])  # fmt: skip
def test_other_errors_are_as_they_were(shell, code):
    shown = shell.fails(code)
    assert "Traceback (most recent call last)" in shown or "nothing_of_that_name" in shown
    assert "%tb shows" not in shown or "nothing_of_that_name" in shown


FUNCTION = """def g(x):
    return 1 / 0

def f(x):
    return g(x)

z = tf.py_func(f, [tf.constant(1.0)], tf.float32, name="mine")"""


def test_an_error_in_the_user_s_function_within_a_run_is_told_with_their_lines(shell):
    shell.run(FUNCTION)
    made = shell.count
    lines = shell.fails("with tf.Session() as s:\n    s.run(z)").splitlines()
    assert lines == [
        "ZeroDivisionError: division by zero",
        "  in PyFunc 'mine' of Const:0 ()",
        f'  In [{made}], line 7:  z = tf.py_func(f, [tf.constant(1.0)], tf.float32, name="mine")',
        f"  In [{shell.count}], line 2:  s.run(z)",
        f"  In [{made}], line 5:  return g(x)",
        f"  In [{made}], line 2:  return 1 / 0",
        "%tb shows the whole traceback.",
    ]
    error = shell.result.error_in_exec
    assert type(error) is ZeroDivisionError
    assert any(note.startswith("raised in PyFunc 'mine', made at ") for note in error.__notes__)
    shell.run("%tb")
    assert "Traceback (most recent call last)" in shell.printed and "executor.py" in shell.printed


@pytest.mark.parametrize(("code", "first"), [
    ("{}['key']", "KeyError: 'key'"),
    ("np.zeros(2) @ np.zeros(3)", "ValueError: matmul: Input operand 1 has a mismatch"),
    ("helped()", "ValueError: mine"),
    ("tf.constant(1.0).no_such_thing", "AttributeError: "),
])  # fmt: skip
def test_whatever_a_user_s_function_raises_is_told(shell, code, first):
    shell.run(
        "import numpy as np\ndef helped():\n    error = ValueError('mine')\n    error.add_note('a note')\n    raise error"
    )
    line = f"tf.Session().run(tf.py_func(lambda v: {code}, [tf.constant(1.0)], tf.float32))"
    shown = shell.fails(line)
    assert shown.startswith(first) and "  in PyFunc 'PyFunc" in shown and "Traceback" not in shown
    assert shown.count(line) == 1 and "raised in" not in shown
    assert ("\na note\n" in shown) == (code == "helped()")


def test_deep_functions_are_told_by_their_last_lines(shell):
    text = "\n".join(["def f0(v):\n    return 1 / 0", *[f"def f{k}(v):\n    return f{k - 1}(v)" for k in range(1, 20)]])
    shell.run(text)
    lines = shell.fails("tf.Session().run(tf.py_func(f19, [tf.constant(1.0)], tf.float32))").splitlines()
    assert len(lines) < 12 and lines[-2].endswith("return 1 / 0")


def test_a_usage_error_is_one_line(shell):
    shown = shell.fails("%glnb fly")
    assert shown.startswith("UsageError: %glnb fly: there are") and len(shown.splitlines()) == 1


def test_a_syntax_error_is_ipython_s(shell):
    assert "SyntaxError" in shell.fails("tf.matmul(")


def test_a_fault_of_ours_shows_the_error_all_the_same(shell, monkeypatch):
    monkeypatch.setattr("graphlab_nb.notebook.failures._source", lambda *_: 1 / 0)
    shown = shell.fails(SHAPES)
    assert "Traceback (most recent call last)" in shown and "inner dimensions" in shown


def test_an_error_without_a_traceback_has_nothing_to_tell(shell):
    assert told(shell.shell, ValueError("x")) is None


def test_what_is_folded_is_escaped_and_without_colours():
    text = folded("\x1b[31mfor <b onload='x'>\x1b[0m & more")
    assert "for &lt;b onload=&#x27;x&#x27;&gt; &amp; more" in text and text.startswith("<details>")
    assert (
        'class="glnb-whole"' in text and ":has(+ .jp-OutputArea-child .glnb-whole)" in text
    )  # room under the last line above


def test_an_open_session_is_told_of_when_another_opens_over_it(shell):
    shell.run("first = tf.InteractiveSession()")
    with pytest.warns(UserWarning, match=rf"opened by In \[{shell.count}\], line 1 is still open") as warned:
        shell.run("second = tf.InteractiveSession()")
    assert "`tf.InteractiveSession.close_all()`" in str(warned[0].message)
    with pytest.warns(
        UserWarning, match=rf"^2 .* still open under this one, the latest by In \[{shell.count}\], line 1"
    ):
        shell.run("third = tf.InteractiveSession()")
    # A warning would be an error here.
    for _ in range(3):
        shell.run("tf.InteractiveSession.close_all()\nlast = tf.InteractiveSession()")
    assert all(shell.names[name]._closed for name in ("first", "second", "third"))
    assert shell.run("tf.get_default_session() is last")
    shell.run("tf.InteractiveSession.close_all()\ntf.InteractiveSession.close_all()")
    assert shell.run("tf.get_default_session() is None")


def test_a_notebook_folds_it(shell):
    shell.run("import numpy as np\nx = tf.placeholder(tf.float32, [2], name='x')")
    lines = shell.fails("1 + 1\nnp.mean(x)").splitlines()
    assert lines[0].endswith("and np.mean needs one: use tf.reduce_mean, or run it in a session first")
    assert lines[1:] == [f"  In [{shell.count}], line 2:  np.mean(x)", "%tb shows the whole traceback."]


# In a kernel


@pytest.fixture(scope="module")
def notebook():
    cells = [
        "import graphlab_nb as tf",
        'a = tf.placeholder(tf.float32, [2, 3], name="a")\ntext = "<script>alert(1)</script>"\ny = tf.matmul(a, a, name="p"); text',
        "tf.reset_default_graph()",
        "tf.Session().run(a)",
        "1 / 0",
        "tf.Session().run(tf.py_func(lambda v: 1 / 0, [tf.constant(1.0)], tf.float32))",
        "%load_ext graphlab_nb\n%glnb fly",
    ]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(made, kernel_name="python3", allow_errors=True, timeout=120).execute()
    return made


def outputs(notebook, cell):
    return notebook.cells[cell].outputs


def test_a_notebook_keeps_the_short_message_and_the_folded_rest(notebook):
    error, more = outputs(notebook, 1)
    assert error.output_type == "error" and error.ename == "ValueError" and "inner dimensions" in error.evalue
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    assert plain.splitlines()[0] == "ValueError: inner dimensions 3 and 2 differ: cannot multiply (2, 3) by (2, 3)"
    assert 'In [2], line 3:  y = tf.matmul(a, a, name="p"); text' in plain and "Traceback" not in plain
    assert more.output_type == "display_data" and more.data["text/plain"] == "%tb shows the whole traceback."
    html = more.data["text/html"]
    assert html.startswith("<details>") and "<script>" not in html and "&lt;script&gt;" in html
    assert "Traceback (most recent call last)" in html and "\x1b" not in html


def test_a_stale_tensor_s_error_names_the_cell_to_run(notebook):
    error = outputs(notebook, 3)[0]
    assert (
        "was made by In [2], line 1, before the graph was reset by In [3], line 1: run that cell again" in error.evalue
    )
    assert error.evalue.count("<tf.Tensor") == 1 and "graph: it was made by In [2]" in error.evalue


def test_a_python_error_has_its_whole_traceback(notebook):
    (error,) = outputs(notebook, 4)
    assert error.ename == "ZeroDivisionError" and "Traceback (most recent call last)" in "".join(error.traceback)


def test_an_error_of_a_function_is_short_and_the_rest_folded(notebook):
    error, more = outputs(notebook, 5)
    assert error.ename == "ZeroDivisionError"
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    assert plain.startswith(
        "ZeroDivisionError: division by zero\n  in PyFunc 'PyFunc' of Const:0 ()\n  In [6], line 1:  tf"
    )
    assert "Traceback" not in plain and "executor.py" in more.data["text/html"]


def test_a_usage_error_has_nothing_folded(notebook):
    assert not [output for output in outputs(notebook, 6) if "data" in output]


def test_a_client_that_stops_at_errors_stops(notebook):
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import graphlab_nb as tf\ntf.matmul(tf.zeros([2, 3]), tf.zeros([2, 3]))")]
    )
    with pytest.raises(CellExecutionError, match="inner dimensions 3 and 2 differ") as caught:
        NotebookClient(made, kernel_name="python3", timeout=120).execute()
    assert caught.value.ename == "ValueError"


@pytest.mark.parametrize("magic", ["%%glnb fresh", "%%glnb profile"])
def test_a_cell_s_own_mistake_is_shown_without_the_magic_that_ran_it(shell, magic):
    shown = shell.fails(f"{magic}\nimport math\n1 / 0")
    assert "ZeroDivisionError" in shown and "----> 3 1 / 0" in shown
    assert "magics.py" not in shown and "run_cell_magic" not in shown
    assert "line 1" not in shell.fails(f"{magic}\n{SHAPES}")
    shown = shell.fails(f"{magic}\nx = = 1")
    assert "SyntaxError" in shown and "executions.py" not in shown


INTERRUPTED = """import threading, _thread
from graphlab_nb.notebook.steering import Order, Steering
steering = Steering()
steering.begin_cell()
steering.order(Order("pause", "1"))
def train():
    steering.before_run(True)
threading.Timer(0.3, _thread.interrupt_main).start()
train()"""


@pytest.mark.parametrize("magic", ["", "%%glnb profile\n", "%%glnb fresh\n"])
def test_an_interrupt_while_the_library_waits_is_shown_with_the_user_s_lines_alone(shell, magic):
    shown = shell.fails(magic + INTERRUPTED)
    assert isinstance(shell.result.error_in_exec, KeyboardInterrupt)
    assert re.search(r"> (9|10) train\(\)", shown) and "steering.before_run(True)" in shown
    assert ".py" not in shown and "_obey" not in shown and "run_cell_magic" not in shown
    shell.run("%tb")
    assert "steering.py" in shell.printed and "_obey" in shell.printed


def test_an_interrupt_in_the_user_s_own_code_is_as_it_was(shell):
    shown = shell.fails("import json\ndef f(v):\n    raise KeyboardInterrupt\njson.loads('1', parse_int=f)")
    assert "json/__init__.py" in shown and "raise KeyboardInterrupt" in shown
    made = "def f(v):\n    raise KeyboardInterrupt\nz = tf.py_func(f, [tf.constant(1.0)], tf.float32)\n"
    shown = shell.fails(f"{made}tf.Session().run(z)")
    assert "tf.Session().run(z)" in shown and "raise KeyboardInterrupt" in shown


AGAIN = 'x = tf.placeholder(tf.float32, [2], name="x")\ny = x * 2.0'


def ran(shell, code, cell):
    shell.run(code, cell)
    return shell.count


def made_lines(shell, code):
    return [line.strip() for line in shell.fails(code).splitlines() if "tf.placeholder" in line]


def test_an_error_names_the_execution_that_made_the_operation(shell):
    text = 'x = tf.placeholder(tf.float32, [2], name="x")'
    first = ran(shell, AGAIN, "model")
    shell.run("old, s = y, tf.Session()", "other")
    assert made_lines(shell, "s.run(old)") == [f"In [{first}], line 1:  {text}"]
    second = ran(shell, AGAIN, "model")
    again = f"In [{first}], line 1 (its cell ran again, as In [{second}])"
    assert made_lines(shell, "s.run(old)") == [f"{again}:  {text}"]
    assert str(shell.result.error_in_exec).endswith(f"[made at {again}]")
    assert made_lines(shell, "s.run(y)") == [f"In [{second}], line 1:  {text}"]
    edited = ran(shell, "x = 1.0", "model")
    assert made_lines(shell, "s.run(y)")[0].startswith(f"In [{second}], line 1 (its cell ran again, as In [{edited}])")
    shell.run(AGAIN, "a copy")  # another cell's code may be the same
    assert made_lines(shell, "s.run(old)")[0].startswith(f"In [{first}], line 1 (its cell ran again, as In [{edited}])")
    shown = shell.fails(f'{AGAIN}\ns.run(old)\nprint("not here")', "model")
    assert f"In [{first}], line 1 (its cell ran again, as In [{shell.count}])" in shown


def test_a_function_s_line_keeps_its_own_cell_s_number(shell):
    where = ran(shell, "def layer():\n    return tf.placeholder(tf.float32, [2])", "function")
    shell.run("p = layer()", "call")
    shell.run("p2 = layer()", "call")
    assert made_lines(shell, "tf.Session().run(p)")[0].startswith(f"In [{where}], line 2:  return tf.placeholder")


def test_a_fresh_cell_is_silent_after_a_semicolon_and_takes_one_name(shell):
    shell.run("%%glnb fresh\ntf.constant(3.0);")
    assert "Tensor" not in shell.printed
    assert "takes one name" in shell.fails("%%glnb fresh one two\n1")


def test_of_a_function_s_operation_both_its_line_and_the_cell_s_that_called_it_are_told(shell):
    shell.run("def layer(x):\n    return double(tf.check_numerics(x, 'bad'))\n\ndef double(x):\n    return 2 * x")
    made = shell.count
    shell.run("x = tf.placeholder(tf.float32)\ny = layer(x)")
    lines = shell.fails("tf.Session().run(y, {x: float('nan')})").splitlines()
    assert lines[2:5] == [
        f"  In [{made}], line 2:  return double(tf.check_numerics(x, 'bad'))",
        f"  In [{made + 1}], line 2:  y = layer(x)",
        f"  In [{made + 2}], line 1:  tf.Session().run(y, {{x: float('nan')}})",
    ]


@pytest.mark.parametrize(("fed", "kind"), [("[1.0]", "ValueError"), ("'text'", "TypeError")])
def test_what_is_fed_wrong_is_told_with_its_placeholder(shell, fed, kind):
    shell.run("x = tf.placeholder(tf.float32, [2], name='fed')")
    lines = shell.fails(f"tf.Session().run(x, {{x: {fed}}})").splitlines()
    assert lines[0].startswith(f"{kind}: ") and "'fed:0'" in lines[0] and "made at" not in lines[0]
    assert lines[1] == "  in Placeholder 'fed'"
    assert lines[2] == f"  In [{shell.count - 1}], line 1:  x = tf.placeholder(tf.float32, [2], name='fed')"


def test_a_failed_run_keeps_no_graph_and_its_mark_does_not_come_back():
    graph = tf.Graph()
    with graph.as_default():
        x = tf.constant(1.0) + 1.0
    FAILED[graph] = FailedRun(weakref.ref(x.op), "why", "cell", {})
    assert failed_run(graph)[1] is x.op
    session = tf.Session(graph=graph)
    session.run(x)
    assert failed_run(graph) is None
    session.close()
    del session
    gc.collect()
    assert failed_run(graph) is None
    gone = weakref.ref(graph)
    del graph, x
    gc.collect()
    assert gone() is None
