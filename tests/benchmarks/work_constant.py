"""The run of a constant: what a session costs when there is nothing to compute. PyTorch has no sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common import Timer, Work, graph_engines, main


def measure(tf: Any, case: str, timer: Timer) -> Sequence[float]:
    constant = tf.constant(3.0)
    with tf.Session() as sess:
        return timer(lambda: sess.run(constant))


WORK = Work("Run of a constant", ("run",), graph_engines(measure))

if __name__ == "__main__":
    main(WORK)
