"""`%glnb` and `%%glnb`, after `%load_ext graphlab_nb`."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable
from typing import Any, NoReturn

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.error import UsageError
from IPython.core.magic import output_can_be_silenced
from IPython.display import display

from graphlab_nb import errors, tutorials
from graphlab_nb.graph.graph import DEFAULTS
from graphlab_nb.graph.scopes import get_default_graph
from graphlab_nb.notebook import bridge, displays, executions, failures, fresh
from graphlab_nb.notebook.devices_picture import draw_inventory
from graphlab_nb.runtime import device
from graphlab_nb.session.profile import Profile, profile
from graphlab_nb.session.session import SESSIONS, BaseSession


@output_can_be_silenced
def glnb(line: str, cell: str | None = None) -> Any:
    """Shows what graphlab_nb has to show, and runs cells in its ways.

    Magics of a line:

    %glnb panel
        Opens the panel beside this notebook: graph, values and curves.
    %glnb devices
        Lists every OpenCL device, what it serves as and why.
    %glnb profile FETCHES [--feed FEEDS] [--runs N]
        Runs what the expression FETCHES gives in the default session, and shows what each kernel took. FEEDS is an
        expression of the dict that is fed; N is how many runs are measured, 10 unless told otherwise, after one that makes
        the plan. Those are real runs: a training step trains.
        Example: %glnb profile train_step --feed {x: images, labels: digits}
    %glnb tutorials [DIR]
        Copies the tutorials' notebooks to a folder, graphlab_nb_tutorials where none is given.

    Magics of a cell:

    %%glnb profile
        Runs the cell, and shows what each kernel of all its runs took. `_` is the profile then: its table() is text, its
        save_trace(path) a file for Perfetto.
    %%glnb fresh [NAME]
        Builds the cell's operations anew, in place of those its earlier runs made in the default graph: names are those of
        the first time, however often the cell runs. What other cells made of them is taken out with them, and it is said
        which cells to run again. Variables made anew have no value until they are initialized; all others keep theirs.
        Another cell's trainable variable is never lost: where one is made of what this cell made, that is an error, and
        nothing changes. An InteractiveSession that the cell opened the last time is closed. NAME is for front ends that tell
        a kernel no cell ids.
    """
    word, _, rest = line.strip().partition(" ")
    if word not in (_LINES if cell is None else _CELLS):
        said = f"{'%' if cell is None else '%%'}glnb {line}".strip()
        known = ", ".join([f"%glnb {name}" for name in _LINES] + [f"%%glnb {name}" for name in _CELLS])
        raise UsageError(f"{said}: there are {known}; %glnb? tells what they do")
    return _LINES[word](rest.strip()) if cell is None else _CELLS[word](rest.strip(), cell)


def _panel(rest: str) -> None:
    _nothing_more("panel", rest)
    found = bridge.install()
    if found is None:
        raise UsageError("%glnb panel opens a panel of JupyterLab, and this is no Jupyter kernel")
    found.open_panel()


def _devices(rest: str) -> None:
    _nothing_more("devices", rest)
    try:
        found = device.survey()
    except errors.UnavailableError:
        print(device.describe())
        return
    text = device.describe(found)
    display(displays.shown(lambda _: draw_inventory(found, text), found), raw=True)


def _tutorials(rest: str) -> None:
    words = shlex.split(rest)
    if len(words) > 1:
        raise UsageError(f"%glnb tutorials takes one folder, not {rest!r}")
    folder = words[0] if words else tutorials.FOLDER
    try:
        new, kept = tutorials.copy(folder)
    except OSError as error:
        raise UsageError(f"%glnb tutorials: {error}") from None
    lines = [f"{folder}/{name}" for name in new]
    lines += [f"{folder}/{name} was there, and is as it was" for name in kept]
    print("\n".join(lines))


class _Options(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}; %glnb? tells what it takes")


_PROFILE = _Options(prog="%glnb profile", add_help=False, allow_abbrev=False)
_PROFILE.add_argument("fetches", nargs="+")
_PROFILE.add_argument("--feed", nargs="+", default=[])
_PROFILE.add_argument("--runs", type=int, default=10)


def _profile(rest: str) -> Profile:
    options = _PROFILE.parse_args(rest.split())
    if options.runs < 1:
        raise UsageError(f"%glnb profile: --runs is {options.runs}; there must be one at least")
    fetches = _value("fetches", " ".join(options.fetches))
    feeds = _value("feeds", " ".join(options.feed)) if options.feed else None
    session = _session()
    session.run(fetches, feeds)
    with profile() as measured:
        for _ in range(options.runs):
            session.run(fetches, feeds)
    return measured


def _profile_cell(rest: str, cell: str) -> Profile:
    _nothing_more("profile", rest, "%%glnb")
    with profile() as measured:
        value = executions.execute(_following(), cell)
    if value is not None:
        display(value)
    return measured


def _fresh(rest: str, cell: str) -> Any:
    if len(rest.split()) > 1:
        raise UsageError(f"%%glnb fresh takes one name of the cell at most, not {rest!r}")
    return fresh.run(_following(), rest, cell)


def _value(what: str, expression: str) -> Any:
    """What an expression gives in the notebook."""
    shell = _following().shell
    try:
        return eval(expression, shell.user_global_ns, shell.user_ns)
    except (SyntaxError, NameError) as error:
        raise UsageError(f"%glnb profile: the {what} {expression!r} are no expression here: {error}") from None


def _session() -> BaseSession:
    """The default session, or the only one that is open and runs the default graph.

    Raises:
      UsageError: where there is none, or several.
    """
    found = DEFAULTS.current_session()
    if found is not None:
        return found
    graph = get_default_graph()
    opened = [session for _, session in sorted(SESSIONS.items()) if session.graph is graph and not session._closed]
    if len(opened) == 1:
        return opened[0]
    raise UsageError(
        f"%glnb profile runs in the default session, and there is none; {len(opened)} sessions of the default graph are open. "
        "tf.InteractiveSession() makes one, and %%glnb profile measures any cell"
    )


def _following() -> executions.Executions:
    found = executions.EXECUTIONS
    if found is None:
        raise UsageError("%load_ext graphlab_nb comes first")
    return found


def _nothing_more(word: str, rest: str, magic: str = "%glnb") -> None:
    if rest:
        raise UsageError(f"{magic} {word} takes nothing more, and was given {rest!r}")


_LINES: dict[str, Callable[[str], Any]] = {
    "panel": _panel,
    "devices": _devices,
    "profile": _profile,
    "tutorials": _tutorials,
}
_CELLS: dict[str, Callable[[str, str], Any]] = {"profile": _profile_cell, "fresh": _fresh}


@context_matcher()
def _words(context: CompletionContext) -> SimpleMatcherResult:
    """What may follow the magics; beside it nothing else is offered, such as Python's words."""
    begun = re.fullmatch(r"(%%?)glnb\s+(\w*)", context.line_with_cursor[: context.cursor_position].lstrip())
    if begun is None:
        return {"completions": []}
    offered = [word for word in (_LINES if begun[1] == "%" else _CELLS) if word.startswith(begun[2])]
    return {"completions": [SimpleCompletion(word, type="magic") for word in offered], "suppress": True}


def load(shell: Any) -> None:
    """Gives a shell the magics, tab completion of what may follow them, pictures of what ends a cell, and short errors."""
    shell.register_magic_function(glnb, "line_cell", "glnb")
    if _words not in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.append(_words)
    executions.install(shell)
    failures.install(shell)
    displays.install(shell)
