"""Messages of five severities, written to standard error as `INFO:graphlab_nb:message`.

They go through Python's logger "graphlab_nb". A program that configures the root logger gets them there instead.
"""

from __future__ import annotations

import collections
import logging
import sys
from typing import Any, TextIO

from graphlab_nb.export import public_names

DEBUG = logging.DEBUG
INFO = logging.INFO
WARN = logging.WARNING
ERROR = logging.ERROR
FATAL = logging.FATAL

_logger = logging.getLogger("graphlab_nb")
_times_logged: collections.Counter[str] = collections.Counter()


class _StandardError(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to what `sys.stderr` is at the time (a notebook replaces it), unless the root logger has handlers."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(logging.Formatter(logging.BASIC_FORMAT))

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr

    def filter(self, record: logging.LogRecord) -> bool:
        return not logging.getLogger().handlers


if not any(isinstance(handler, _StandardError) for handler in _logger.handlers):
    _logger.addHandler(_StandardError())
    _logger.setLevel(WARN)


def log(level: int, msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes `msg % args` with the given severity.

    Args:
      level: the severity, such as `tf.logging.INFO`.
      msg: the text.
      *args: what is put into it.

    Example:
      >>> tf.logging.log(tf.logging.WARN, "loss is %.1f", 9.5)  # WARNING:graphlab_nb:loss is 9.5
    """
    _logger.log(level, msg, *args, **kwargs)


def debug(msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes `msg % args` with severity DEBUG.

    Args:
      msg: the text.
      *args: what is put into it by `%`.
      **kwargs: as of Python's `logging.Logger.log`.

    Example:
      >>> tf.logging.set_verbosity(tf.logging.DEBUG)
      >>> tf.logging.debug("step %d", 100)  # DEBUG:graphlab_nb:step 100
      >>> tf.logging.set_verbosity(tf.logging.WARN)
    """
    _logger.debug(msg, *args, **kwargs)


def info(msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes `msg % args` with severity INFO.

    Args:
      msg: the text.
      *args: what is put into it by `%`.
      **kwargs: as of Python's `logging.Logger.log`.

    Example:
      >>> tf.logging.set_verbosity(tf.logging.INFO)
      >>> tf.logging.info("step %d", 100)  # INFO:graphlab_nb:step 100
      >>> tf.logging.set_verbosity(tf.logging.WARN)
    """
    _logger.info(msg, *args, **kwargs)


def warn(msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes `msg % args` with severity WARN.

    Args:
      msg: the text.
      *args: what is put into it by `%`.
      **kwargs: as of Python's `logging.Logger.log`.

    Example:
      >>> tf.logging.warn("loss is %.1f", 9.5)  # WARNING:graphlab_nb:loss is 9.5
    """
    _logger.warning(msg, *args, **kwargs)


warning = warn


def error(msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes `msg % args` with severity ERROR.

    Args:
      msg: the text.
      *args: what is put into it by `%`.
      **kwargs: as of Python's `logging.Logger.log`.

    Example:
      >>> tf.logging.error("no file %s", "a.txt")  # ERROR:graphlab_nb:no file a.txt
    """
    _logger.error(msg, *args, **kwargs)


def fatal(msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes `msg % args` with severity FATAL; the program goes on.

    Args:
      msg: the text.
      *args: what is put into it by `%`.
      **kwargs: as of Python's `logging.Logger.log`.

    Example:
      >>> tf.logging.fatal("loss is %.1f", float("nan"))  # CRITICAL:graphlab_nb:loss is nan
    """
    _logger.critical(msg, *args, **kwargs)


def log_if(level: int, msg: str, condition: Any, *args: Any) -> None:
    """Writes `msg % args` where `condition` is true.

    Args:
      level: the severity, such as `tf.logging.INFO`.
      msg: the text.
      condition: whether it is written.
      *args: what is put into it.

    Example:
      >>> tf.logging.log_if(tf.logging.WARN, "loss is %.1f", 9.5 > 1, 9.5)  # WARNING:graphlab_nb:loss is 9.5
    """
    if condition:
        log(level, msg, *args)


def log_first_n(level: int, msg: str, n: int, *args: Any) -> None:
    """Writes `msg % args` the first `n` times that this `msg` is logged so.

    Args:
      level: the severity, such as `tf.logging.INFO`.
      msg: the text.
      n: how often.
      *args: what is put into it.

    Example:
      >>> for step in range(5):
      ...     tf.logging.log_first_n(tf.logging.WARN, "it is slow", 2)  # WARNING:graphlab_nb:it is slow, twice
    """
    _times_logged[msg] += 1
    log_if(level, msg, _times_logged[msg] <= n, *args)


def log_every_n(level: int, msg: str, n: int, *args: Any) -> None:
    """Writes `msg % args` the first and then every `n`-th time that this `msg` is logged so.

    Args:
      level: the severity, such as `tf.logging.INFO`.
      msg: the text.
      n: how often.
      *args: what is put into it.

    Example:
      >>> for step in range(5):
      ...     tf.logging.log_every_n(tf.logging.WARN, "five steps, three lines", 2)  # at steps 0, 2 and 4
    """
    _times_logged[msg] += 1
    log_if(level, msg, _times_logged[msg] % n == 1 % n, *args)


def set_verbosity(verbosity: int) -> None:
    """Writes only messages of this severity or above; it is `tf.logging.WARN` at the start.

    Args:
      verbosity: such as `tf.logging.INFO`.

    Example:
      >>> tf.logging.set_verbosity(tf.logging.ERROR)
      >>> tf.logging.warn("not written")
      >>> tf.logging.set_verbosity(tf.logging.WARN)
    """
    _logger.setLevel(verbosity)


def get_verbosity() -> int:
    """The least severity that is written, such as `tf.logging.WARN`.

    Example:
      >>> tf.logging.get_verbosity() == tf.logging.WARN
      True
    """
    return _logger.getEffectiveLevel()


def flush() -> None:
    """Hands what was written to the system.

    Example:
      >>> tf.logging.flush()
    """
    for handler in _logger.handlers:
        handler.flush()


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted([*public_names(globals()), "DEBUG", "ERROR", "FATAL", "INFO", "WARN"])
