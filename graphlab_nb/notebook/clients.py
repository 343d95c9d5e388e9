"""Panels that look at a kernel."""

from __future__ import annotations

from graphlab_nb.notebook import protocol

LEASE = 10.0
"""Seconds after its last sign of life for which a client is sent what is new."""


class Client:
    """A panel that looks.

    Attributes:
      name: its own.
      until: when it is taken to have gone, by `time.perf_counter`.
      interest: what it shows.
    """

    def __init__(self, name: str):
        self.name = name
        self.until = 0.0
        self.interest = protocol.Interest(curves=False, values=None, pinned=[], pictures=[], rate=10.0)
