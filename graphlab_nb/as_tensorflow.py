"""Runs programs written for TensorFlow as they are: `import tensorflow as tf` gives them graphlab_nb.

From a shell, with the program's own arguments after it:

    python -m graphlab_nb.as_tensorflow program.py --steps=100
    python -m graphlab_nb.as_tensorflow -m package.module --steps=100

From a notebook or another program:

    import graphlab_nb.as_tensorflow
    graphlab_nb.as_tensorflow.run_program("program.py", ["--steps=100"])

or, for the imports alone, `install()` and `uninstall()`, or `with install():`. Only the imports of this process are
served so, and nothing is written anywhere: a TensorFlow that is installed is found by every other process as before.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any, Self

import graphlab_nb
from graphlab_nb.graph.graph import DEFAULTS, Graph

TENSORFLOW_VERSION = "0.12.1"
"""What `tensorflow.__version__` says: the release whose names programs may count on."""

_USAGE = "usage: python -m graphlab_nb.as_tensorflow (PROGRAM.py | -m MODULE) [ARGUMENT ...]"

# Where the parts of tensorflow are: for a module's path (without "tensorflow.") the places of its names as paths within
# graphlab_nb, "" being the package itself. A module that is not listed is found if graphlab_nb has a module of the
# same path among its names. A path that only leads to listed ones is an empty package.
_ROOT = ("",)
_NN = ("nn", "")
_TRAIN = ("train", "")


def _listed(prefix: str, names: str, places: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {f"{prefix}.{name}": places for name in names.split()}


_PLACES: dict[str, tuple[str, ...]] = {
    "": _ROOT,
    "contrib": ("contrib",),
    "contrib.learn.datasets.mnist": ("datasets.mnist",),
    "contrib.learn.python.learn.datasets.mnist": ("datasets.mnist",),
    "models": ("models",),
    "python": _ROOT,
    "python.client.timeline": ("timeline",),
    "python.client.graph_util": ("graph_util",),
    "python.framework.dtypes": ("dtypes", ""),
    "python.framework.errors": ("errors",),
    "python.framework.graph_util": ("graph_util",),
    "python.framework.tensor_shape": ("shapes", ""),
    "python.framework.test_util": ("testing",),
    "python.layers.layers": ("layers",),
    "python.lib.io.python_io": ("python_io",),
    "python.ops.image_ops": ("image",),
    "python.ops.losses.losses": ("losses",),
    "python.ops.metrics": ("metrics",),
    "python.ops.rnn_cell": ("nn.rnn_cell",),
    "python.ops.rnn_cell_impl": ("nn.rnn_cell",),
    "python.ops.seq2seq": ("nn.seq2seq",),
    "python.platform.app": ("platform.app",),
    "python.platform.flags": ("platform.flags",),
    "python.platform.gfile": ("platform.gfile",),
    "python.platform.googletest": ("testing",),
    "python.platform.logging": ("platform.logging",),
    "python.platform.test": ("testing",),
    "python.platform.tf_logging": ("platform.logging",),
    "python.summary.summary": ("summary",),
    "python.summary.writer.writer": ("summary",),
    "python.training.moving_averages": ("train.averages", "train"),
    "python.training.training": _TRAIN,
    "python.util.compat": ("compat",),
    **_listed("core.framework", "attr_value_pb2 graph_pb2 node_def_pb2 summary_pb2 types_pb2", _ROOT),
    **_listed("core.protobuf", "config_pb2 saver_pb2", _ROOT),
    "core.util.event_pb2": _ROOT,
    **_listed("python.client", "client_lib session", _ROOT),
    **_listed("python.framework", "constant_op device framework_lib importer ops random_seed tensor_util", _ROOT),
    **_listed(
        "python.ops",
        "array_ops check_ops clip_ops constant_op control_flow_ops data_flow_ops functional_ops gen_array_ops"
        " gen_math_ops gen_state_ops gradients gradients_impl init_ops io_ops linalg_ops logging_ops math_ops"
        " numerics parsing_ops partitioned_variables random_ops script_ops sparse_ops special_math_ops standard_ops"
        " state_ops string_ops template tensor_array_ops variable_scope variables",
        _ROOT,
    ),
    **_listed("python.ops", "candidate_sampling_ops embedding_ops gen_nn_ops nn nn_impl nn_ops rnn", _NN),
    **_listed(
        "python.training",
        "adadelta adagrad adagrad_da adam coordinator ftrl gradient_descent input learning_rate_decay momentum"
        " optimizer proximal_adagrad proximal_gradient_descent queue_runner queue_runner_impl rmsprop"
        " saver session_manager slot_creator summary_io supervisor training_util",
        _TRAIN,
    ),
}
_PACKAGES = {path[:dot] for path in _PLACES for dot in range(len(path)) if path[dot] == "."}
# The modules that tensorflow itself has by name; graphlab_nb's others are its own affair.
_TOP = {
    "app", "compat", "contrib", "errors", "examples", "flags", "gfile", "graph_util", "image", "layers", "logging",
    "losses", "metrics", "models", "nn", "python_io", "sets", "summary", "test", "train", "user_ops",
}  # fmt: skip
# Packages whose modules are loaded when a program imports them, as they are not among graphlab_nb's names before.
_LOADED_ON_DEMAND = ("examples", "datasets", "platform", "testing", "contrib", "models", "timeline", "graph_util")


def _is_public(name: str, value: Any) -> bool:
    """Whether a name of graphlab_nb's face is one of tensorflow's too."""
    return not name.startswith("_") and (name in _TOP or not isinstance(value, types.ModuleType))


def _find_place(place: str) -> Any:
    """The object at a path within graphlab_nb, or None where there is none."""
    found: Any = graphlab_nb
    walked = graphlab_nb.__name__
    for part in place.split(".") if place else []:
        walked += f".{part}"
        following = getattr(found, part, None)
        if following is None and place.split(".")[0] in _LOADED_ON_DEMAND:
            try:
                following = importlib.import_module(walked)
            except ModuleNotFoundError as error:
                if error.name is None or not walked.startswith(error.name):
                    raise
        if following is None:
            return None
        found = following
    return found


class _Part(types.ModuleType):
    """A module of `tensorflow` whose names are looked up in graphlab_nb when they are asked for."""

    def __init__(self, name: str, places: tuple[str, ...]):
        super().__init__(name, f"{name}, served by graphlab_nb")
        self.__path__: list[str] = []
        self._graphlab_nb_places = places
        if name == "tensorflow":
            # Programs also look into tf.__dict__. What is listed is left out: it is made when it is asked for.
            face = {n: v for n, v in vars(graphlab_nb).items() if _is_public(n, v)}
            self.__dict__.update({n: v for n, v in face.items() if n not in _PLACES and n not in _PACKAGES})
            self.__version__ = self.VERSION = TENSORFLOW_VERSION

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return [n for n in dir(self) if not n.startswith("_")]
        full_name = f"{self.__name__}.{name}"
        if not name.startswith("__"):
            path = _path_of(full_name)
            # What is listed comes first: tensorflow.python.ops is not what graphlab_nb has by the name of "ops".
            if (path in _PLACES or path in _PACKAGES) and _serves(full_name):
                return importlib.import_module(full_name) if _finder in sys.meta_path else _make(full_name)
            for place in self._graphlab_nb_places:
                source = _find_place(place)
                if source is not None and hasattr(source, name):
                    found = getattr(source, name)
                    if source is not graphlab_nb or _is_public(name, found):
                        return found
            if _serves(full_name):
                return _make(full_name)
        raise AttributeError(_not_part(full_name), name=name, obj=self)

    def __dir__(self) -> list[str]:
        names = set(super().__dir__())
        for place in self._graphlab_nb_places:
            source = _find_place(place)
            names.update(n for n in dir(source) if source is not graphlab_nb or _is_public(n, getattr(source, n)))
        return sorted(names)


def _not_part(name: str) -> str:
    return f"{name} is not part of graphlab_nb"


def _path_of(name: str) -> str:
    return name.partition(".")[2]


def _serves(name: str) -> bool:
    """Whether there is a module of this full name to import."""
    path = _path_of(name)
    if path in _PACKAGES or path in ("contrib", "models"):
        return True
    if path in _PLACES:
        return any(_find_place(place) is not None for place in _PLACES[path])
    return path.split(".")[0] in _TOP and isinstance(_find_place(path), types.ModuleType)


def _make(name: str) -> types.ModuleType:
    """The module of this full name: graphlab_nb's own where it is one module, otherwise a `_Part`."""
    path = _path_of(name)
    places = _PLACES.get(path, (path,))
    if len(places) == 1 and path not in _PACKAGES:
        module = _find_place(places[0])
        if isinstance(module, types.ModuleType) and module is not graphlab_nb:
            return module
    return _Part(name, places)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and loads `tensorflow` and everything below it."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] != "tensorflow":
            return None
        if not _serves(name):
            # Not ModuleNotFoundError, which `from package import name` would replace by words of its own.
            raise ImportError(_not_part(name), name=name)
        return importlib.util.spec_from_loader(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return types.ModuleType(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        # The import system takes what stands here afterwards; graphlab_nb's modules keep their own name and spec.
        made = _make(module.__name__)
        if isinstance(made, _Part):
            made.__spec__, made.__loader__ = module.__spec__, self
        sys.modules[module.__name__] = made


_finder = _Finder()


class _Installation:
    """What `install` returns: at the end of its `with` block the imports are as before it."""

    def __init__(self, is_first: bool):
        self._is_first = is_first

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._is_first:
            uninstall()


def install() -> _Installation:
    """Makes `import tensorflow` give graphlab_nb in this process, until `uninstall` or the end of a `with` block.

    Raises:
      RuntimeError: where the real TensorFlow was imported before.

    Example:
      >>> with tf.as_tensorflow.install():
      ...     import tensorflow
      ...     print(tensorflow.constant is tf.constant)
      True
    """
    present = sys.modules.get("tensorflow")
    if present is not None and not isinstance(present, _Part):
        origin = getattr(present, "__file__", None) or "an unknown place"
        raise RuntimeError(
            f"tensorflow was already imported from {origin}, and its modules cannot be replaced; "
            "call install() in a new process (a restarted notebook kernel) before anything imports tensorflow"
        )
    is_first = _finder not in sys.meta_path
    if is_first:
        sys.meta_path.insert(0, _finder)
    return _Installation(is_first)


def uninstall() -> None:
    """Ends what `install` began; modules that were imported meanwhile stay usable where they are.

    Example:
      >>> import sys
      >>> installed = tf.as_tensorflow.install()
      >>> import tensorflow
      >>> tf.as_tensorflow.uninstall()
      >>> "tensorflow" in sys.modules
      False
    """
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
        for name in [n for n in sys.modules if n.partition(".")[0] == "tensorflow"]:
            del sys.modules[name]


def run_program(path: str | os.PathLike[str], argv: Sequence[str] = (), module: bool = False) -> dict[str, Any]:
    """Runs a TensorFlow program within this process, as `python path argv...` would.

    The program has its own `sys.argv`, `__main__`, folder on `sys.path` and default graph; when it has ended, all
    are as before.

    Args:
      path: the program's file, or its module's name.
      argv: the program's arguments.
      module: whether `path` is a module's name, as after `python -m`.

    Returns:
      The program's global names with their values.

    Raises:
      FileNotFoundError: where there is no such program.
      SystemExit: where the program ends with a code other than 0.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     with tf.gfile.GFile(folder + "/program.py", "w") as file:
      ...         file.write("import tensorflow as tf; five = tf.Session().run(tf.add(2, 3))")
      ...     tf.as_tensorflow.run_program(folder + "/program.py")["five"]
      np.int32(5)
    """
    before = sys.argv, sys.path[:], sys.modules["__main__"]
    try:
        with install(), _fresh_defaults():
            program, code = _load(os.fspath(path), argv, module)
            try:
                exec(code, program.__dict__)
            except SystemExit as end:
                if end.code not in (None, 0):
                    raise
            return program.__dict__
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = before


@contextlib.contextmanager
def _fresh_defaults() -> Iterator[None]:
    """Gives this thread an empty default graph and no default session inside the block, whatever is entered in it."""
    kind = type(DEFAULTS)
    before = kind.outermost, DEFAULTS.graphs, DEFAULTS.sessions
    kind.outermost, DEFAULTS.graphs, DEFAULTS.sessions = Graph(), [], []
    try:
        yield
    finally:
        kind.outermost, DEFAULTS.graphs, DEFAULTS.sessions = before


def _load(path: str, argv: Sequence[str], as_module: bool) -> tuple[types.ModuleType, types.CodeType]:
    """The program as the module `__main__`, put in place with its arguments but not yet run, and its code."""
    program = types.ModuleType("__main__")
    program.__dict__.update(__builtins__=builtins, __cached__=None)
    if as_module:
        spec = _find_module(path)
        file, code = str(spec.origin), spec.loader.get_code(spec.name)  # type: ignore[union-attr]
        program.__dict__.update(__spec__=spec, __package__=spec.parent, __loader__=spec.loader)
        path = file
    else:
        file = os.path.abspath(path)
        with open(file, "rb") as source:
            code = compile(source.read(), file, "exec", dont_inherit=True)
        program.__dict__.update(__loader__=importlib.machinery.SourceFileLoader("__main__", file))
        if not getattr(sys.flags, "safe_path", False):
            sys.path[0:1] = [os.path.dirname(os.path.realpath(file))]
    program.__file__ = file
    sys.argv = [path, *argv]
    sys.modules["__main__"] = program
    return program, code


def _find_module(name: str) -> importlib.machinery.ModuleSpec:
    """The spec of a module to run, or of `__main__` in a package to run.

    Raises:
      ImportError: where there is no such module, or none that has Python code.
    """
    if name.startswith("tensorflow."):
        name = f"{graphlab_nb.__name__}.{_path_of(name)}"
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = importlib.util.find_spec(f"{name}.__main__")
    except ModuleNotFoundError as error:
        # Of a package above it; any other is a failure within that package.
        if error.name is None or not name.startswith(error.name):
            raise
        spec = None
    if spec is None or not hasattr(spec.loader, "get_code"):
        raise ImportError(f"there is no module {name!r} to run", name=name)
    return spec


def _is_ours(frame: types.TracebackType) -> bool:
    filename = frame.tb_frame.f_code.co_filename
    return filename == __file__ or filename.startswith("<frozen ")


def _hide_own_frames() -> None:
    """Makes the process's traceback begin, and that of a failed import end, in the program, as if it ran directly."""
    show_before = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, frame: types.TracebackType | None) -> None:
        while frame is not None and _is_ours(frame):
            frame = frame.tb_next
        if isinstance(error, (ImportError, AttributeError)):
            last_of_program, following = None, frame
            while following is not None:
                last_of_program = last_of_program if _is_ours(following) else following
                following = following.tb_next
            if last_of_program is not None:
                last_of_program.tb_next = None
        # What is printed is the error's own traceback.
        show_before(kind, error.with_traceback(frame), frame)

    sys.excepthook = show


def __dir__() -> list[str]:
    """What tab completion offers."""
    return ["TENSORFLOW_VERSION", "install", "main", "run_program", "uninstall"]


def main() -> None:
    """The command `python -m graphlab_nb.as_tensorflow`: runs the program that the command line names, with its exit code.

    Example:
      >>> import subprocess, sys
      >>> subprocess.run([sys.executable, "-m", "graphlab_nb.as_tensorflow", "--help"], capture_output=True).returncode
      0
    """
    arguments = sys.argv[1:]
    if arguments[:1] in (["-h"], ["--help"]):
        print(_USAGE)
        sys.exit(0)
    as_module = arguments[:1] == ["-m"]
    if as_module:
        arguments = arguments[1:]
    if not arguments:
        print(_USAGE + ("\ngraphlab_nb.as_tensorflow: -m needs a module's name" if as_module else ""), file=sys.stderr)
        sys.exit(2)
    path, rest = arguments[0], arguments[1:]
    if not as_module and not os.path.isfile(path):
        why = "is a folder, not a program" if os.path.isdir(path) else "no such file"
        print(f"graphlab_nb.as_tensorflow: cannot run {os.path.abspath(path)!r}: {why}", file=sys.stderr)
        sys.exit(2)
    install()
    _hide_own_frames()
    # The program stays `__main__` after its end, for the threads and exit handlers that it may leave.
    program, code = _load(path, rest, as_module)
    exec(code, program.__dict__)


if __name__ == "__main__":
    # One copy of this module's state, the one that programs can import.
    importlib.import_module("graphlab_nb.as_tensorflow").main()
