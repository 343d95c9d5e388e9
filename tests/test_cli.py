"""The command `graphlab-nb`: what it prints, leaves and refuses."""

import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

import graphlab_nb as tf
from graphlab_nb import cli
from graphlab_nb.ops import tuning
from graphlab_nb.runtime import device, tile_cache, tune


def test_demo_trains_and_draws(tmp_path, capsys):
    out = tmp_path / "picture.png"
    assert cli.main(["demo", "--steps", "300", "--out", str(out), "--seed", "1"]) == 0
    printed = capsys.readouterr()
    assert re.search(r"^device         /(cpu|gpu):0, .+$", printed.out, re.MULTILINE)
    assert re.search(
        r"^time per step  [\d.]+ m?s \(the first, which builds the kernels: [\d.]+ m?s\)$", printed.out, re.M
    )
    accuracy = float(re.search(r"^accuracy       ([\d.]+)% of 10000 test digits$", printed.out, re.MULTILINE)[1])
    assert 88 < accuracy < 94
    assert f"picture        {out}" in printed.out
    assert "300/300" in printed.err and "loss=" in printed.err
    assert np.asarray(Image.open(out)).shape == (984, 1440, 4)


def test_tune_prints_and_keeps_what_it_found(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GLNB_CACHE_DIR", str(tmp_path))
    works = {name: work for name, work in tuning.works().items() if name == "convolution 50x32x64x14x5x1"}
    monkeypatch.setattr(tuning, "works", lambda: works)
    monkeypatch.setattr(tune, "ROUNDS", 1)
    assert cli.main(["tune"]) == 0
    printed = capsys.readouterr().out
    processors = device.discover().of_kind("CPU")
    assert printed.count("best: ") == printed.count(f"kept in {tmp_path}") == len(processors)
    for one in processors:
        assert one.description in printed and tile_cache.cache_file(one.identity).exists()


def test_demo_with_a_seed_repeats_itself(tmp_path, capsys):
    accuracies = {cli.demo_softmax(20, str(tmp_path / "picture.png"), seed=5) for _ in range(2)}
    assert len(accuracies) == 1 and accuracies.pop() > 0.5


@pytest.mark.slow
def test_deep_demo_trains_and_draws(tmp_path, capsys):
    out = tmp_path / "picture.png"
    assert cli.main(["demo", "--deep", "--steps=40", "--out", str(out), "--seed=1"]) == 0
    printed = capsys.readouterr().out
    accuracy = float(re.search(r"^accuracy       ([\d.]+)% of 10000 test digits$", printed, re.MULTILINE)[1])
    assert 40 < accuracy < 99
    assert np.asarray(Image.open(out)).shape == (984, 1440, 4)


def test_the_demonstration_leaves_the_default_graph_alone(tmp_path):
    before = len(tf.get_default_graph().get_operations())
    cli.demo_softmax(2, str(tmp_path / "picture.png"))
    assert len(tf.get_default_graph().get_operations()) == before


def test_devices_are_listed(capsys):
    assert cli.main(["devices"]) == 0
    assert "/cpu:0" in capsys.readouterr().out


def test_the_version_is_the_packages(capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"graphlab_nb {tf.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["demo", "--steps", "0"], "expected a number of steps from 1 up, not '0'"),
        (["demo", "--steps", "many"], "expected a number of steps from 1 up, not 'many'"),
        (["demo", "--out", "/no/such/folder/x.png"], "there is no folder '/no/such/folder'"),
        (["demo", "--out", "picture.txt"], "'picture.txt' must end in .png"),
        (["demo", "--seed", "x"], "invalid int value: 'x'"),
        ([], "the following arguments are required: COMMAND"),
        (["other"], "invalid choice: 'other'"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_runs(capsys, arguments, message):
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 2
    assert message in capsys.readouterr().err


def test_a_missing_device_is_one_message(monkeypatch, capsys):
    def no_device():
        raise tf.errors.UnavailableError(None, None, "no working OpenCL runtime")

    monkeypatch.setattr(cli.device, "describe", no_device)
    assert cli.main(["devices"]) == 1
    assert capsys.readouterr().err == "no working OpenCL runtime\n"


def test_an_interrupt_ends_the_command(monkeypatch, capsys):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.device, "describe", interrupt)
    assert cli.main(["devices"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_is_no_error():
    command = f"{sys.executable} -m graphlab_nb.cli devices | true"  # which ends before the first line
    done = subprocess.run(command, shell=True, text=True, capture_output=True)
    assert done.stderr == ""


def test_profile_runs_a_program_and_shows_its_kernels(tmp_path, capsys):
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nimport tensorflow as tf\n"
        "x = tf.matmul(tf.random_normal([8, 8]), tf.ones([8, 8]))\n"
        "print(sys.argv[1:], tf.Session().run(x).shape)\nsys.exit(3)\n"
    )
    trace = tmp_path / "trace.json"
    assert cli.main(["profile", "--trace", str(trace), str(program), "--steps", "2"]) == 3
    out = capsys.readouterr().out
    assert "['--steps', '2'] (8, 8)" in out and "GFLOP/s" in out and "MatMul" in out
    assert trace.exists()
    assert cli.main(["profile", str(tmp_path / "absent.py")]) == 2
    assert "absent.py" in capsys.readouterr().err


def test_profile_shows_what_ran_before_a_failure(tmp_path, capsys):
    program, trace = tmp_path / "program.py", tmp_path / "trace.json"
    program.write_text("import tensorflow as tf\ntf.Session().run(tf.ones([8, 8]) * tf.random_normal([8]))\n1 / 0\n")
    assert cli.main(["profile", "--trace", str(trace), str(program)]) == 1
    out, err = capsys.readouterr()
    assert "ZeroDivisionError" in err and "us each" in out and trace.exists()


@pytest.mark.parametrize(
    ("ending", "code", "message"),
    [("import sys\nsys.exit('enough')", 1, "enough\n"), ("raise KeyboardInterrupt", 130, "interrupted\n")],
)
def test_profile_tells_how_a_program_ended(tmp_path, capsys, ending, code, message):
    program = tmp_path / "program.py"
    program.write_text(f"import tensorflow as tf\ntf.Session().run(tf.random_normal([8]))\n{ending}\n")
    assert cli.main(["profile", str(program)]) == code
    out, err = capsys.readouterr()
    assert err == message and "us each" in out


@pytest.mark.parametrize("path", ["absent/trace.json", "."])
def test_profile_names_a_trace_that_cannot_be_written_before_it_runs(tmp_path, capsys, path):
    program = tmp_path / "program.py"
    program.write_text("print('ran')\n")
    with pytest.raises(SystemExit):
        cli.main(["profile", "--trace", str(tmp_path / path), str(program)])
    out, err = capsys.readouterr()
    assert "ran" not in out and "--trace" in err and str(tmp_path) in err


STANDS_FOR_LAB = """
import os, signal, sys, time
for name in ("SIGINT", "SIGHUP"):  # JupyterLab hears them also where those who start the tests in the background do not
    signal.signal(getattr(signal, name), signal.SIG_DFL)
print(os.getpid(), sys.argv[1:], flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_lab_leaves_no_jupyterlab_behind(tmp_path, sign):
    (tmp_path / "jupyterlab.py").write_text(STANDS_FOR_LAB)
    command = [sys.executable, "-m", "graphlab_nb.cli", "lab", str(tmp_path / "copies"), "--no-browser"]
    path = os.pathsep.join([str(tmp_path), *sys.path])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}) as lab:
        assert "12 notebooks copied to" in lab.stdout.readline()
        number, _, arguments = lab.stdout.readline().partition(" ")
        assert f"root_dir={tmp_path / 'copies'}" in arguments and "'--no-browser'" in arguments
        lab.send_signal(sign)
        assert lab.wait(20) != 0
    for _ in range(100):  # a moment for one that is being ended
        if not alive(int(number)):
            return
        time.sleep(0.1)
    os.kill(int(number), signal.SIGKILL)
    pytest.fail(f"JupyterLab ran on after {sign.name}")


def alive(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True
