"""Entering a cluster by Ray's client or as one of its own processes."""

from __future__ import annotations

import logging
import time
from typing import Any

from graphlab_nb.distributed.names import NAMESPACE

_TRIES = 2
_PAUSE = 1.0
_REFUSED = "Initialization failure from server"
"""How Ray's client begins what its server said: also that it could not start a process for this client."""


def enter(where: str, **options: Any) -> Any:
    """Enters a cluster by `ray.init`.

    The proxy that `ray start` puts before client ports forks a process for each client, which at times ends before it begins:
    then once more.

    Args:
      where: ray://host:port, or host:port of a control store.
      options: more for `ray.init`.

    Returns:
      What `ray.init` returns.

    Raises:
      ConnectionError, RuntimeError, ValueError: as it does.
    """
    import ray

    init: Any = ray.init
    for left in reversed(range(_TRIES)):
        try:
            return init(where, namespace=NAMESPACE, logging_level=logging.ERROR, **options)
        except ConnectionError as error:
            if not left or _REFUSED not in str(error):
                raise
            time.sleep(_PAUSE)


def words(error: Exception) -> str:
    """What an error of Ray says, in one line where it is a traceback of its server's."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return f"{lines[0]} {lines[-1]}" if _REFUSED in str(error) and len(lines) > 1 else str(error)
