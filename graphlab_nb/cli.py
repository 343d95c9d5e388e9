"""The command `graphlab-nb`: a demonstration on real data, and what devices there are."""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import graphlab_nb as tf
from graphlab_nb import docs, tutorials
from graphlab_nb.datasets.mnist import read_data_sets
from graphlab_nb.examples.tutorials.mnist import mnist_deep, mnist_softmax
from graphlab_nb.ops import tuning
from graphlab_nb.runtime import device, tile_cache, tune

DIGITS_SHOWN = 24
_COPIES = "Copies the twelve tutorials into a folder, which is made. Notebooks that are there already stay as they are."
_LAB = f"{_COPIES} Then opens JupyterLab there; Ctrl-C, pressed twice, ends it."
_CLUSTER = "run sessions on many machines: up, join, attach, status, down"
_FORMATS = (".png", ".svg", ".pdf")


class _Trained(NamedTuple):
    """What a training loop leaves: the loss of each step, and seconds."""

    losses: list[float]
    first_seconds: float
    step_seconds: float


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command with these arguments (the process's by default) and returns its exit code."""
    parser = argparse.ArgumentParser(prog="graphlab-nb", description="TensorFlow's 0.x API computed by OpenCL.")
    parser.add_argument("--version", action="version", version=f"graphlab_nb {tf.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="train on MNIST and draw what was learned")
    demo.add_argument("--deep", action="store_true", help="the convolutional net instead of softmax regression")
    demo.add_argument("--steps", type=_positive, default=1000, metavar="N", help="training steps (default: 1000)")
    demo.add_argument("--out", type=_picture, default="graphlab_nb_demo.png", metavar="PICTURE.png",
                      help="the picture to write (default: graphlab_nb_demo.png in this folder)")  # fmt: skip
    demo.add_argument("--seed", type=int, default=None, help="makes the run repeatable")
    commands.add_parser("devices", help="list every OpenCL device, what it serves as and why")
    commands.add_parser("tune", help="measure which sizes of tiles suit this machine's processors, and keep them")
    profile = commands.add_parser("profile", help="run a program, then show what each kernel took")
    profile.add_argument("--trace", type=_writable, metavar="FILE.json",
                         help="also write a trace that Chrome and Perfetto read")  # fmt: skip
    profile.add_argument("program", metavar="PROGRAM.py", help="imports tensorflow or graphlab_nb")
    profile.add_argument("arguments", nargs=argparse.REMAINDER, default=[], help="the program's own arguments")
    lab = commands.add_parser("lab", help="open JupyterLab on the tutorials, with the panel", description=_LAB)
    copies = commands.add_parser("tutorials", help="copy the tutorials' notebooks", description=_COPIES)
    for command, folder in ((lab, tutorials.FOLDER), (copies, None)):
        command.add_argument("folder", metavar="DIR", nargs="?" if folder else None, default=folder,
                             help="where to" + (f" (default: {folder})" if folder else ""))  # fmt: skip
    pages = commands.add_parser(
        "docs", help="build the documentation with the tutorials and the reference, and open it"
    )
    pages.add_argument(
        "folder", metavar="DIR", nargs="?", default=docs.FOLDER, help=f"where to (default: {docs.FOLDER})"
    )
    pages.add_argument("--no-browser", action="store_true", help="only build it")
    pages.add_argument("--strict", action="store_true", help="fail where a page has a mistake")
    lab.add_argument("arguments", nargs=argparse.REMAINDER, default=[], help="JupyterLab's own, such as --no-browser")
    _add_cluster(commands, sys.argv[1:] if argv is None else argv)
    arguments = parser.parse_args(argv)
    try:
        if arguments.command == "devices":
            print(device.describe(), flush=True)
        elif arguments.command == "tune":
            tune_devices()
        elif arguments.command in ("lab", "tutorials"):
            return _tutorials(arguments)
        elif arguments.command == "docs":
            return _docs(arguments.folder, not arguments.no_browser, arguments.strict)
        elif arguments.command == "cluster":
            return int(arguments.run(arguments))
        elif arguments.command == "profile":
            return profile_program(arguments.program, arguments.arguments, arguments.trace)
        elif arguments.deep:
            demo_deep(arguments.steps, arguments.out, arguments.seed)
        else:
            demo_softmax(arguments.steps, arguments.out, arguments.seed)
    except tf.errors.UnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read the output, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _add_cluster(commands: Any, argv: Sequence[str]) -> None:
    """Adds `cluster`, whose module is loaded only where that command is meant."""
    if "cluster" not in argv[:1]:
        commands.add_parser("cluster", help=_CLUSTER)
        return
    from graphlab_nb.distributed.commands import add_parser, run

    cluster = commands.add_parser("cluster", help=_CLUSTER)
    cluster.set_defaults(run=run)
    add_parser(cluster)


def _tutorials(arguments: argparse.Namespace) -> int:
    try:
        new, kept = tutorials.copy(arguments.folder)
    except OSError as error:
        print(f"graphlab-nb {arguments.command}: cannot write to {arguments.folder!r}: {error}", file=sys.stderr)
        return 2
    print(f"{len(new)} notebooks copied to {os.path.abspath(arguments.folder)}", end="")
    print(f", {len(kept)} were there and stay as they are" if kept else "", flush=True)
    return tutorials.open_lab(arguments.folder, arguments.arguments) if arguments.command == "lab" else 0


def _docs(folder: str, shown: bool, strict: bool) -> int:
    lacking = docs.missing()
    if lacking:
        print(
            f"graphlab-nb docs needs {', '.join(lacking)}: pip install {' '.join(lacking)}, or this package with [docs]",
            file=sys.stderr,
        )
        return 2
    try:
        code = docs.build(folder, strict)
    except (OSError, ValueError) as error:
        print(f"graphlab-nb docs: {error}", file=sys.stderr)
        return 2
    if code == 0:
        print(f"the documentation is in {os.path.join(os.path.abspath(folder), 'html', 'index.html')}", flush=True)
        if shown:
            docs.show(folder)
    return code


def profile_program(program: str, arguments: Sequence[str], trace: str | None) -> int:
    """Runs a program, prints its kernels with their times, and returns the program's exit code."""
    if not os.path.isfile(program):
        print(f"graphlab-nb profile: there is no file {os.path.abspath(program)!r}", file=sys.stderr)
        return 2
    code: object = 0
    with tf.profile() as measured:
        try:
            tf.as_tensorflow.run_program(program, arguments)
        except SystemExit as end:
            code = 0 if end.code is None else end.code
            if not isinstance(code, int):
                print(code, file=sys.stderr)
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            code = 130
        except Exception:  # what ran before it is worth knowing all the same
            traceback.print_exc()
            code = 1
    print(measured.table(), flush=True)
    if trace:
        measured.save_trace(trace)
        print(f"trace: {trace}")
    return code if isinstance(code, int) else 1


def tune_devices() -> None:
    """Measures the processors' tiles, prints what was found and keeps it for later processes."""
    for one in device.discover().of_kind("CPU"):
        if not one.traits.is_cpu:
            print(f"{one.name} takes the kernels' form for GPUs by GLNB_FORM, which has no tiles to tune")
            continue
        print(f"{one.name}: {one.description}\nspeed, the rule's being 100 %:", flush=True)
        found = tune.tune(one, tuning.works(), lambda line: print(line, flush=True), tune.ROUNDS)
        path = tile_cache.store(one.identity, found)
        print(
            f"best: {tune.describe(found).strip()}\n{f'kept in {path}' if path else 'not kept: no cache can be written'}"
        )


def demo_softmax(steps: int, out: str, seed: int | None = None) -> float:
    """Trains softmax regression on MNIST, says how it went, draws it, and returns the accuracy."""
    data, batch_size = read_data_sets(None, one_hot=True, seed=seed), 100
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.set_random_seed(seed)
        model = mnist_softmax.build()
        place = _say_device()
        sess.run(tf.initialize_all_variables())

        def step() -> float:
            images, labels = data.train.next_batch(batch_size)
            feed = {model.x: images, model.labels: labels}
            return float(sess.run([model.train_step, model.loss], feed_dict=feed)[1])

        trained = _train(step, steps)
        found = np.argmax(sess.run(model.logits, feed_dict={model.x: data.test.images}), axis=1)
        weights = sess.run(model.weights)
    truth = np.argmax(data.test.labels, axis=1)
    accuracy = _say_results(trained, found == truth)
    # matplotlib takes a second to load.
    from graphlab_nb.notebook import plots

    plots.softmax_picture(
        out,
        f"Softmax regression on MNIST: {accuracy:.1%} of the test digits right",
        _subtitle(steps, batch_size, trained, place),
        weights,
        trained.losses,
        data.test.images[:DIGITS_SHOWN],
        truth[:DIGITS_SHOWN],
        found[:DIGITS_SHOWN],
    )
    print(f"picture        {os.path.abspath(out)}")
    return accuracy


def demo_deep(steps: int, out: str, seed: int | None = None) -> float:
    """Trains the convolutional net on MNIST, says how it went, draws it, and returns the accuracy."""
    data, batch_size = read_data_sets(None, one_hot=True, seed=seed), 50
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.set_random_seed(seed)
        model = mnist_deep.build()
        place = _say_device()
        sess.run(tf.initialize_all_variables())

        def step() -> float:
            images, labels = data.train.next_batch(batch_size)
            feed = {model.x: images, model.labels: labels, model.keep_prob: 0.5}
            return float(sess.run([model.train_step, model.loss], feed_dict=feed)[1])

        trained = _train(step, steps)
        found = mnist_deep.predict(sess, model, data.test.images)
        filters = sess.run(model.filters)
    truth = np.argmax(data.test.labels, axis=1)
    accuracy = _say_results(trained, found == truth)
    wrong = np.flatnonzero(found != truth)
    shown = wrong[:DIGITS_SHOWN]
    # matplotlib takes a second to load.
    from graphlab_nb.notebook import plots

    plots.deep_picture(
        out,
        f"Convolutional net on MNIST: {accuracy:.1%} of the test digits right",
        _subtitle(steps, batch_size, trained, place),
        filters,
        trained.losses,
        data.test.images[shown],
        truth[shown],
        found[shown],
        len(wrong),
    )
    print(f"picture        {os.path.abspath(out)}")
    return accuracy


def _train(step: Callable[[], float], steps: int) -> _Trained:
    """Calls `step` so many times under a progress bar; the first call, which builds the kernels, is timed by itself."""
    from tqdm import tqdm

    losses = []
    start = time.perf_counter()
    with tqdm(total=steps, desc="training", unit="step") as bar:
        losses.append(step())
        bar.update()
        first = time.perf_counter() - start
        start = time.perf_counter()
        for done in range(2, steps + 1):
            losses.append(step())
            bar.update()
            if done % 50 == 0:
                bar.set_postfix(loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
        following = time.perf_counter() - start
    return _Trained(losses, first, following / (steps - 1) if steps > 1 else first)


def _say_device() -> str:
    """Prints and returns the device that serves where none is asked for: the first GPU, else the first CPU."""
    inventory = device.discover()
    serving = (inventory.of_kind("GPU") or inventory.of_kind("CPU"))[0]
    place = f"{serving.name}, {serving.description}"
    print(f"device         {place}", flush=True)
    return place


def _say_results(trained: _Trained, right: np.ndarray) -> float:
    accuracy = float(np.mean(right))
    print(f"accuracy       {accuracy:.2%} of {len(right)} test digits")
    each, first = _time(trained.step_seconds), _time(trained.first_seconds)
    print(f"time per step  {each} (the first, which builds the kernels: {first})")
    return accuracy


def _subtitle(steps: int, batch_size: int, trained: _Trained, place: str) -> str:
    return f"{steps} steps of {batch_size} images, {_time(trained.step_seconds)} a step, on {place}"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.2f} ms"


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a number of steps from 1 up, not {text!r}")
    return int(text)


def _picture(path: str) -> str:
    """A path that a picture can be written to, checked before the training."""
    if os.path.splitext(path)[1].lower() not in _FORMATS:
        raise argparse.ArgumentTypeError(f"{path!r} must end in {', '.join(_FORMATS)}")
    return _writable(path)


def _writable(path: str) -> str:
    """A path that a file can be written to, checked before the work for it begins."""
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise argparse.ArgumentTypeError(f"there is no folder {folder!r}")
    if not os.access(path if os.path.exists(path) else folder, os.W_OK) or os.path.isdir(path):
        raise argparse.ArgumentTypeError(f"{path!r} cannot be written")
    return path


if __name__ == "__main__":
    sys.exit(main())
