"""Starts a program's `main` after its flags are read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from graphlab_nb.platform import flags

__all__ = ["flags", "run"]


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted(__all__)


def run(main: Callable[[list[str]], Any] | None = None, argv: Sequence[str] | None = None) -> NoReturn:
    """Reads the flags, calls `main` with the rest of the command line, and ends the process with what it returns.

    Args:
      main: takes the list `[program, argument, ...]` without the flags; by default `main` of the program's own module.
      argv: the command line, the program's name first; by default `sys.argv`.

    Raises:
      AttributeError: where `main` is not given and the program has none.
      SystemExit: always, with `main`'s result; None and 0 mean success.

    Example:
      >>> tf.app.run(main=lambda argv: len(argv), argv=["program", "first", "second"])
      Traceback (most recent call last):
      SystemExit: 3
    """
    command = list(sys.argv if argv is None else argv)
    rest = flags.FLAGS._parse_flags(command[1:])
    if main is None:
        main = getattr(sys.modules["__main__"], "main", None)
        if main is None:
            raise AttributeError("tf.app.run() found no function `main` in the program; define one or pass it")
    sys.exit(main(command[:1] + rest))
