"""Errors of the library in a cell: what went wrong, in which operation and line, first; the traceback folded below it."""

from __future__ import annotations

import html
import linecache
import os
import re
import sys
import threading
import traceback
import weakref
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from IPython.core.error import UsageError

from graphlab_nb.graph import places
from graphlab_nb.graph.operation import Operation, is_installed, is_ours
from graphlab_nb.notebook.executions import cell_of_file, execute
from graphlab_nb.notebook.steering import TrainingStopped
from graphlab_nb.session.executor import BoundStage
from graphlab_nb.shapes import show

_IN_OP = re.compile(r"(.*?) \[in (.*)\]", re.DOTALL)
_MADE = re.compile(r" \[(?:\w+ )?made at .*\]", re.DOTALL)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_RED, _BOLD, _PLAIN = "\x1b[31m", "\x1b[1m", "\x1b[0m"
MOST_WITHIN = 6
"""Lines of a user's function that are shown of an error in it."""
_OTHERS: list[Any] = []
"""What told of exceptions in threads before."""
MORE = "%tb shows the whole traceback."


@dataclass
class Told:
    """What is said first of an error.

    Attributes:
      kind: the error's class.
      message: what went wrong.
      operation: type, name, inputs and shapes of the operation at fault; may be empty.
      places: lines of the user's program, each by its name and text.
      op: the operation at fault where a run failed, or None.
    """

    kind: str
    message: str
    operation: str
    places: list[tuple[str, str]]
    op: Operation | None = None

    def lines(self, coloured: bool) -> list[str]:
        """As lines of text, for terminals' colours where `coloured`."""
        red, bold, plain = (_RED, _BOLD, _PLAIN) if coloured else ("", "", "")
        out = [f"{red}{self.kind}{plain}: {self.message}"]
        if self.operation:
            out.append(f"  in {bold}{self.operation}{plain}")
        for name, text in self.places:
            out.append(f"  {red}{name}{plain}" + (f":  {text}" if text else ""))
        return out


def told(shell: Any, error: BaseException) -> Told | None:
    """What to say first of an error that the library raised; None for all others."""
    if not isinstance(error, Exception) or isinstance(error, (BaseExceptionGroup, UsageError)):
        return None
    walked = list(traceback.walk_tb(error.__traceback__))
    frames = [(f.f_code.co_filename, line) for f, line in walked]
    called = next((k for k, (f, _) in enumerate(walked) if f.f_code is BoundStage._host_call.__code__), None)
    if called is not None and not is_ours(frames[-1][0]):
        return _of_function(shell, error, walked[called][0].f_locals["action"].op, frames[:called], frames[called:])
    if not frames or not is_ours(frames[-1][0]):
        return None
    theirs = [frame for frame in frames if _is_users(shell, frame[0])]
    cells = [frame for frame in theirs[:-1] if cell_of_file(shell, frame[0])]
    lines = theirs[-1:] + cells[-1:] + cells[:1]
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    message, operation, op = text, "", getattr(error, "op", None)
    op = op if isinstance(op, Operation) else None
    if found := _IN_OP.fullmatch(text):
        message, operation = found[1], found[2].rpartition(", made at ")[0] or found[2]
    elif op is not None:
        message = _MADE.sub("", text)
        operation = _words(op)
    notes = "".join(f"\n{note}" for note in getattr(error, "__notes__", ()))
    return Told(type(error).__name__, message + notes, operation, _named(shell, lines, op), op)


def _of_function(
    shell: Any, error: Exception, op: Operation, before: list[tuple[str, int]], within: list[tuple[str, int]]
) -> Told:
    """What to say first of an error in a function of the user that a run called.

    Args:
      shell: it was shown in.
      error: the function's own.
      op: the operation that calls the function.
      before: files and lines from the cell to the call.
      within: those from the call to the error.
    """
    lines = [frame for frame in before if _is_users(shell, frame[0])][-1:]
    lines += [frame for frame in within if _is_users(shell, frame[0])][-MOST_WITHIN:]
    return Told(type(error).__name__, _text(error), _words(op), _named(shell, lines, op), op)


def _text(error: Exception) -> str:
    """What an error says, with the notes that others than the run added; of one in a run, without its operation."""
    text = repr(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    if found := _IN_OP.fullmatch(text):
        text = found[1]
    return text + "".join(f"\n{n}" for n in getattr(error, "__notes__", ()) if not n.startswith("raised in "))


def _words(op: Operation) -> str:
    given = ", ".join(f"{t.name} {show(t.dims)}" for t in op.inputs)
    return f"{op.type} {op.name!r}" + (f" of {given}" if given else "")


def _named(shell: Any, lines: list[tuple[str, int]], op: Operation | None) -> list[tuple[str, str]]:
    """Lines by their names, with their text, each once; before them those that made an operation."""
    every: list[tuple[str, int, Operation | None]] = [(file, line, None) for file, line in lines]
    if op is not None and op.user_line[0]:
        first, *callers = op.user_lines
        called = [line for line in callers if cell_of_file(shell, line[0])][-1:]
        every[:0] = [(file, line, op) for file, line, _ in [first, *called]]
    named = [
        (places.line_name((file, line, ""), op).removesuffix(" in "), _source(file, line)) for file, line, op in every
    ]
    return list(dict.fromkeys(named))


def _is_users(shell: Any, file: str) -> bool:
    """Whether a file is of the user's program: a cell, or a file that is neither ours nor an installed library's."""
    if cell_of_file(shell, file) is not None:
        return True
    return not is_ours(file) and os.path.isfile(file) and not is_installed(file)


def _source(file: str, line: int) -> str:
    return linecache.getline(file, line).strip()


def _leave_out_magic(error: BaseException) -> None:
    """Begins an error's traceback in the cell's own lines, where a magic of ours ran them."""
    step = error.__traceback__
    while step is not None:
        frame, step = step.tb_frame, step.tb_next
        if frame.f_code is execute.__code__:
            error.__traceback__ = None if isinstance(error, SyntaxError) else step


def _interrupted(shell: Any, error: BaseException) -> list[str] | None:
    """What is shown of an interrupt that came while the library worked: the user's lines alone; None for all other errors."""
    if not isinstance(error, KeyboardInterrupt):
        return None
    steps = []
    step = error.__traceback__
    while step is not None:
        steps.append(step)
        step = step.tb_next
    files = [step.tb_frame.f_code.co_filename for step in steps]
    last = max((k for k, file in enumerate(files) if _is_users(shell, file)), default=-1)
    if last < 0 or not any(is_ours(file) for file in files[last + 1 :]):
        return None
    shown = None
    for step, file in reversed(list(zip(steps[: last + 1], files, strict=False))):
        if not is_ours(file):
            shown = TracebackType(shown, step.tb_frame, step.tb_lasti, step.tb_lineno)
    lines: list[str] = shell.InteractiveTB.structured_traceback(type(error), error, shown)
    return lines


def folded(text: str) -> str:
    """A traceback as HTML that is closed until it is asked for."""
    clean = html.escape(_COLOURS.sub("", text))
    return (
        '<details><summary style="cursor:pointer">The whole traceback</summary>'
        f'<pre class="glnb-whole" style="white-space:pre;overflow-x:auto;font-size:12px">{clean}</pre></details>'
        "<style>.jp-OutputArea-child:has(+ .jp-OutputArea-child .glnb-whole) .jp-RenderedText{padding-bottom:6px}</style>"
    )


def _show(original: Any, args: Any, kwargs: Any, error: Any, lines: list[str]) -> None:
    """Has a shell show lines as an error's traceback; `%tb` shows its own later."""
    error._render_traceback_ = lambda: lines
    try:
        original(*args, **kwargs)
    finally:
        del error._render_traceback_


_INSTALLED: weakref.WeakSet[Any] = weakref.WeakSet()
"""Shells that show errors so already."""


def _thread_ended(args: threading.ExceptHookArgs) -> None:
    """Tells of a thread that an exception ended: in a line where its training was stopped, since nothing went wrong."""
    if isinstance(args.exc_value, TrainingStopped):
        name = "A thread" if args.thread is None else args.thread.name
        print(f"{name}: {args.exc_value._render_traceback_()[0]}", file=sys.stderr)
    else:
        _OTHERS[-1](args)


def install(shell: Any) -> None:
    """Has a shell show the library's errors in short form, with the traceback below where the front end shows HTML; once."""
    if shell in _INSTALLED:
        return
    _INSTALLED.add(shell)
    if threading.excepthook is not _thread_ended:
        _OTHERS.append(threading.excepthook)
        threading.excepthook = _thread_ended
    original = shell.showtraceback

    def showtraceback(*args: Any, **kwargs: Any) -> Any:
        # `%tb` asks without `running_compiled_code`, and gets the whole.
        error: Any = kwargs.get("exc_tuple", sys.exc_info())[1] if not args else None
        if error is None or not kwargs.get("running_compiled_code") or hasattr(error, "_render_traceback_"):
            return original(*args, **kwargs)
        _leave_out_magic(error)
        interrupted = None
        try:
            interrupted = _interrupted(shell, error)
            short = told(shell, error)
            whole = "\n".join(shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__))
        except Exception:  # the error itself must be shown
            short = None
        if interrupted is not None:
            return _show(original, args, kwargs, error, interrupted)
        if short is None:
            return original(*args, **kwargs)
        kernel = getattr(shell, "kernel", None)
        lines = short.lines(coloured=kernel is not None or shell.colors.lower() != "nocolor")
        if kernel is None:
            lines.append(MORE)
        _show(original, args, kwargs, error, lines)
        if kernel is not None:
            data = {"text/html": folded(whole), "text/plain": MORE}
            shell.display_pub.publish(data=data, metadata={})
        return None

    shell.showtraceback = showtraceback
