"""What a cluster on this machine costs: `python tests/benchmarks/cluster.py [--growth] [--spare] [--rounds N] [--short]`.

Everything is on one machine, by loopback: calls, steps and bytes against a bare call of a Ray actor and against local sessions. All
are measured by turns, several times, since a machine has slow spells; least and median are told. `--growth` trains with 1, 2, 4 and
8 workers instead. `--spare` leaves kernels one core of Intel's runtime, so that what carries requests need not take theirs: as on a
machine with more cores, or with a GPU. Results are written to standard output as Markdown; cluster.md has them.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import graphlab_nb as tf
from graphlab_nb.distributed.connection import disconnect
from tests.benchmarks import cluster_nets as nets
from tests.distributed.running import running_cluster

PS, WORKER = "/job:ps/task:0", "/job:worker/task:0"
GROWTH = (1, 2, 4, 8)
LARGE = 1 << 21
"""Numbers of 4 bytes in a large message."""


class Measured(NamedTuple):
    """Something that is timed.

    Attributes:
      name: in words.
      function: what is timed.
      per: how many steps it makes.
      base: the name of what it is compared with; empty where there is nothing.
      asked: what it is to reach, in words.
    """

    name: str
    function: Callable[[], Any]
    per: int
    base: str = ""
    asked: str = ""


def by_turns(works: Sequence[Measured], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of a step of each work, `rounds` times."""
    found: dict[str, list[float]] = {work.name: [] for work in works}
    for _ in range(rounds):
        for work in works:
            began = time.perf_counter()
            work.function()
            found[work.name].append((time.perf_counter() - began) / work.per * 1e3)
    return found


class Programs:
    """Sessions of programs, at the cluster and here."""

    def __init__(self, target: str, stack: contextlib.ExitStack):
        self._target, self._stack = target, stack

    def session(self, program: nets.Program, local: bool = False) -> Any:
        """A session that is ready to train."""
        config = tf.ConfigProto(allow_soft_placement=local)
        target = "" if local else self._target
        sess = self._stack.enter_context(tf.Session(target, graph=program.graph, config=config))
        with program.graph.as_default():
            sess.run(tf.initialize_all_variables())
        if program.fill is not None:
            sess.run(program.fill, program.filling)
        sess.run(program.step, program.feeds[0] if program.feeds else None)
        sess.run(program.pulse)
        return sess

    def by_feeds(self, program: nets.Program, local: bool = False, many: bool = False) -> Callable[[], Any]:
        """A function that trains with each of the program's feeds."""
        sess = self.session(program, local)

        def train() -> None:
            if many:
                sess.run_many(program.step, program.feeds)
            else:
                for feed in program.feeds or ():
                    sess.run(program.step, feed)
            sess.run(program.pulse)  # waits, where a run does not

        return train

    def counted(self, program: nets.Program, count: int, local: bool = False) -> Callable[[], Any]:
        """A function that trains `count` steps, in one request."""
        sess = self.session(program, local)

        def train() -> None:
            sess.run_many(program.step, count)
            sess.run(program.pulse)

        return train


def costs(programs: Programs, short: bool, deep_alone: bool = False) -> list[Measured]:
    """What is measured of a cluster with a parameter task and a worker."""
    few, some, many = (2, 2, 4) if short else (10, 20, 1000)
    with tf.Graph().as_default() as graph:
        constant = tf.constant([1.0, 2.0]) * 2.0
    sess = programs.session(nets.Program(graph, constant, None, constant))

    def fed(name: str, net: nets.Net, place: str, count: int, all_there: bool = False) -> nets.Program:
        return nets.fed(name, net, place, count, all_there)

    def kept(name: str, net: nets.Net, home: str) -> nets.Program:
        return nets.kept(name, net, [WORKER], home)

    softmax, deep = nets.SOFTMAX, nets.DEEP
    call, here, there = "a bare call of an actor through the port", "softmax step, local", "deep step, local"
    calls = Measured(call, lambda: [bare_call(sess) for _ in range(few)], few)
    deeply = [
        Measured(there, programs.by_feeds(fed("i", deep, WORKER, few, True), local=True), few),
        Measured(
            "deep step, one worker", programs.by_feeds(fed("j", deep, WORKER, few, True)), few, there, "1.15 local"
        ),
        Measured(
            "deep step, one worker, `run_many`", programs.by_feeds(fed("k", deep, WORKER, few, True), many=True), few, there,
            "1.3 local",
        ),
    ]  # fmt: skip
    if deep_alone:
        return [calls, *deeply]
    return [
        calls,
        Measured("a run of a constant", lambda: [sess.run(constant) for _ in range(few)], few, call, "1.5 calls"),
        Measured(here, programs.by_feeds(fed("a", softmax, WORKER, some), local=True), some),
        Measured(
            "softmax step, local, from data in variables", programs.counted(kept("b", softmax, WORKER), many, True), many
        ),
        Measured("softmax step, one worker", programs.by_feeds(fed("c", softmax, WORKER, few)), few, here),
        Measured(
            "softmax step, one worker, `run_many`", programs.by_feeds(fed("d", softmax, WORKER, some), many=True), some, here
        ),
        Measured(
            "softmax step, one worker, from data that live there, `run_many`",
            programs.counted(kept("e", softmax, WORKER), many), many, here, "1.3 local",
        ),
        Measured(
            "softmax step, variables on ps", programs.by_feeds(fed("f", softmax, PS, few)), few, here, "local + 4 calls"
        ),
        Measured(
            "softmax step, variables on ps, `run_many`", programs.by_feeds(fed("g", softmax, PS, some), many=True), some, here
        ),
        Measured(
            "softmax step, variables on ps, data on the worker, `run_many`",
            programs.counted(kept("h", softmax, PS), some), some, here,
        ),
        *deeply,
        Measured("a number from task to task and back", programs.counted(nets.there_and_back("l", 1, PS, WORKER), some), some),
        Measured(
            f"{4 * LARGE / 1e6:.1f} MB from task to task and back",
            programs.counted(nets.there_and_back("m", LARGE, PS, WORKER), few), few,
        ),
    ]  # fmt: skip


def bare_call(sess: Any) -> None:
    """Calls an actor by the session's connection, as a run does."""
    import ray

    connection = sess._remote._connection
    with connection._entered():
        ray.get(connection._handle.runs_now.remote(""))


def bytes_sent(programs: Programs) -> tuple[int, int]:
    """Bytes that tasks sent each other in a step with variables on the parameter task, and those of the tensors that had to go."""
    program = nets.fed("n", nets.SOFTMAX, PS, 1)
    sess = programs.session(program)
    remote, answers = sess._remote, []
    send = remote._send
    remote._send = lambda request: answers.append(send(request)) or answers[-1]
    sess.run(program.step, program.feeds[0] if program.feeds else None)
    return sum(outcome.sent for outcome in answers[0].outcomes.values()), 2 * 4 * (784 * 10 + 10)


def growth(programs: Programs, workers: int, short: bool) -> list[Measured]:
    """Training one model in step on 1, 2, 4 ... workers, which keep their data; the parameter task averages the gradients."""
    found = []
    for name, net, count in (("softmax", nets.SOFTMAX, 50), ("deep", nets.DEEP, 5)):
        count = 2 if short else count
        local = nets.kept(f"{name}_local", net, [WORKER], WORKER)
        found.append(Measured(f"{name} step, local", programs.counted(local, count, local=True), count))
        for n in [n for n in GROWTH if n <= workers]:
            places = [f"/job:worker/task:{i}" for i in range(n)]
            program = nets.kept(f"{name}_{n}", net, places, PS)
            found.append(Measured(f"{name} step, {n} worker{'s'[: n > 1]}", programs.counted(program, count), count))
    return found


def table(works: Sequence[Measured], times: dict[str, list[float]]) -> Iterator[str]:
    """Lines of Markdown: what was measured, against what it is compared with."""
    yield "| what | least | median | ratio of the least | of the medians | asked |"
    yield "|---|---|---|---|---|---|"
    for work in works:
        least, median = min(times[work.name]), statistics.median(times[work.name])
        base = times.get(work.base)
        ratios = (least / min(base), median / statistics.median(base)) if base else ()
        shown = [f"{ratio:.2f}" for ratio in ratios] or ["", ""]
        yield " | ".join([f"| {work.name}", f"{least:.2f} ms", f"{median:.2f} ms", *shown, f"{work.asked} |"])


def growth_table(works: Sequence[Measured], times: dict[str, list[float]]) -> Iterator[str]:
    """Lines of Markdown: steps and batches per second, and the batches against n times those of one worker."""
    yield "| what | least | median | steps/s | batches/s | efficiency |"
    yield "|---|---|---|---|---|---|"
    alone = 0.0
    for work in works:
        least, median = min(times[work.name]), statistics.median(times[work.name])
        told = work.name.split(", ")[1].split()[0]
        workers = int(told) if told.isdigit() else 1
        batches = workers * 1e3 / least
        alone = batches if told == "1" else alone
        efficiency = f"{batches / workers / alone:.2f}" if told.isdigit() else ""
        yield f"| {work.name} | {least:.2f} ms | {median:.2f} ms | {1e3 / least:.1f} | {batches:.1f} | {efficiency} |"


def main() -> None:
    """Measures, and prints tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--growth", action="store_true", help="train with 1, 2, 4 and 8 workers")
    parser.add_argument("--workers", type=int, default=8, help="the most workers to grow to")
    parser.add_argument("--spare", action="store_true", help="the deep step, with one core for kernels")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--short", action="store_true", help="small and once, only to see that it runs")
    arguments = parser.parse_args()
    rounds = 1 if arguments.short else arguments.rounds
    print(f"{os.cpu_count()} cores, {platform.processor() or platform.machine()}, Python {platform.python_version()}, "
          f"NumPy {np.__version__}, Ray {version('ray')}; load before {os.getloadavg()[0]:.1f}\n")  # fmt: skip
    if arguments.spare:
        os.environ["DPCPP_CPU_NUM_CUS"] = "1"
    workers = arguments.workers if arguments.growth else 1
    jobs, options = f"ps=1,worker={workers}", ("--memory", "1000")
    with running_cluster(jobs, *options) as cluster, contextlib.ExitStack() as stack:
        os.environ["HOME"] = str(cluster.home)
        programs = Programs(cluster.target, stack)
        if arguments.growth:
            works = growth(programs, workers, arguments.short)
            lines = list(growth_table(works, by_turns(works, rounds)))
        else:
            works = costs(programs, arguments.short, arguments.spare)
            lines = list(table(works, by_turns(works, rounds)))
            if not arguments.spare:
                sent, needed = bytes_sent(programs)
                lines.append(
                    f"\nBetween tasks, a softmax step with its variables on ps sends {sent:,} bytes; its tensors have {needed:,}."
                )
        print("\n".join(lines))
        stack.close()
        disconnect()
    print(f"\nLoad after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
