"""Two machines and the network between them, on one: `python -m tests.faults.network`, as root on Linux, with iproute2.

The first machine is this one, the second a network namespace; each has a virtual interface, and a thread here carries frames
between them, late or not at all as it is told (which needs no module of the kernel, as `tc netem` does). The second's cluster
joins the first's; then the network gets slow and lossy, breaks for a while, and breaks for good; the second machine dies, and one
like it takes its tasks over. Fails where a result is wrong, or where an error comes later than ten seconds after what caused it.
"""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import os
import random
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import graphlab_nb as tf
from graphlab_nb.distributed import probe
from graphlab_nb.distributed.connection import disconnect
from tests.distributed.running import Cluster, begun

SPACE, HERE, THERE = "glnbtest", "10.77.0.1", "10.77.0.2"
LINK = "glnbtest0"
WITHIN = ("ip", "netns", "exec", SPACE)
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
LONGEST = 10.0
LOST = (tf.errors.AbortedError, tf.errors.UnavailableError)


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def interface(name: str) -> int:
    """Makes a virtual interface (TAP); what is written to the descriptor arrives there, and what is sent there is read."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22s", name.encode(), IFF_TAP | IFF_NO_PI, b""))
    return descriptor


class Wire(threading.Thread):
    """Carries frames between two interfaces.

    Attributes:
      delay: seconds that each takes.
      loss: of how many of them none arrives.
    """

    def __init__(self, ends: tuple[int, int]):
        super().__init__(daemon=True)
        self.delay = self.loss = 0.0
        self._ends, self._random = ends, random.Random(0)
        self._under_way: list[tuple[float, int, int, bytes]] = []
        self._count = 0
        self.ended = False

    def run(self) -> None:
        other = dict(zip(self._ends, reversed(self._ends), strict=True))
        while not self.ended:
            due = self._under_way[0][0] - time.monotonic() if self._under_way else 0.2
            for end in select.select(self._ends, [], [], max(0.0, min(due, 0.2)))[0]:
                frame = os.read(end, 65536)
                if self._random.random() >= self.loss:
                    self._count += 1
                    heapq.heappush(self._under_way, (time.monotonic() + self.delay, self._count, other[end], frame))
            while self._under_way and self._under_way[0][0] <= time.monotonic():
                _, _, end, frame = heapq.heappop(self._under_way)
                with contextlib.suppress(OSError):  # the interface is down
                    os.write(end, frame)

    def set(self, delay: float = 0.0, loss: float = 0.0) -> None:
        """How it is from now on."""
        self.delay, self.loss = delay, loss


@contextlib.contextmanager
def network() -> Iterator[Wire]:
    """The second machine's namespace, and its link to this one."""
    ip("netns", "add", SPACE)
    ends = interface(LINK), interface("glnbtest1")
    wire = Wire(ends)
    try:
        ip("link", "set", "glnbtest1", "netns", SPACE)
        ip("addr", "add", f"{HERE}/24", "dev", LINK)
        ip("link", "set", LINK, "up")
        ip("-n", SPACE, "addr", "add", f"{THERE}/24", "dev", "glnbtest1")
        ip("-n", SPACE, "link", "set", "glnbtest1", "up")
        ip("-n", SPACE, "link", "set", "lo", "up")
        wire.start()
        yield wire
    finally:
        wire.ended = True
        wire.join()
        for end in ends:
            os.close(end)
        ip("netns", "del", SPACE)


@contextlib.contextmanager
def joined(first: Cluster) -> Iterator[Cluster]:
    """The second machine's part of the cluster, with a copy of the token."""
    with tempfile.TemporaryDirectory(prefix="second") as home:
        (Path(home) / ".ray").mkdir(mode=0o700)
        shutil.copy2(first.home / ".ray" / "auth_token", Path(home) / ".ray" / "auth_token")
        arguments = ("join", f"{HERE}:{first.port}")
        with begun(Path(home), "worker=1", "--host", THERE, action=arguments, within=WITHIN) as second:
            second.target = f"grpc://{THERE}:{second.port}"
            yield second


class Model:
    """A step that goes from the parameter task to the second machine's worker and back, and adds one."""

    def __init__(self) -> None:
        with tf.device("/job:ps/task:0"):
            self.v = tf.Variable(np.zeros(1000, np.float32), name="v")
        with tf.device("/job:worker/task:1"):
            one = self.v * 0.0 + 1.0
        self.step = tf.assign_add(self.v, one)

    def train(self, sess: Any, steps: int) -> None:
        """Makes steps, and sees that each has added one."""
        before = sess.run(self.v)[0]
        np.testing.assert_array_equal(sess.run_many(self.step, steps)[-1], np.full(1000, before + steps))


def fails(call: Callable[[], Any], kinds: tuple[type[Exception], ...], says: str = "") -> Exception:
    """The error of what has to fail, and in time."""
    began = time.monotonic()
    try:
        while True:
            call()
            if time.monotonic() - began > LONGEST:
                raise AssertionError("nothing failed")
    except kinds as error:
        took = time.monotonic() - began
        print(f"    {type(error).__name__} after {took:.1f} s: {str(error)[:150]}", flush=True)
        assert took <= LONGEST, took
        assert says in str(error), says
        return error


def test(first: Cluster, model: Model, wire: Wire) -> None:
    with joined(first) as second:
        for target in (first.target, second.target):
            print(f"A session at {target}", flush=True)
            with tf.Session(target) as sess:
                host = sess.list_devices()[0].name
                assert ("task:1" if target == second.target else "task:0") in host, host
                sess.run(model.v.initializer)
                model.train(sess, 20)
        sess = tf.Session(first.target)
        for delay, loss in ((0.0, 0.0), (0.05, 0.0), (0.0, 0.01), (0.05, 0.01)):
            print(f"The network: {1000 * delay:g} ms late, {loss:.0%} lost", flush=True)
            wire.set(delay, loss)
            began = time.monotonic()
            model.train(sess, 20)
            print(f"    20 steps in {time.monotonic() - began:.1f} s", flush=True)
        print("The network: broken for 5 s", flush=True)
        wire.set(loss=1.0)
        threading.Timer(5.0, wire.set).start()
        began = time.monotonic()
        model.train(sess, 20)
        print(f"    20 steps in {time.monotonic() - began:.1f} s", flush=True)
        print("The network: broken for good, for a session here and one whose target is there", flush=True)
        there = tf.Session(second.target)
        there.run(model.v)
        wire.set(loss=1.0)
        other = threading.Thread(target=fails, args=(lambda: there.run(model.v), LOST))
        other.start()
        fails(lambda: model.train(sess, 1), LOST)
        other.join()
        with tf.Session(first.target) as sess:
            sess.run(model.v)
            fails(lambda: model.train(sess, 1), LOST, "/job:worker/task:1")
        fails(lambda: tf.Session(second.target), LOST, THERE)
    wire.set()
    taken_over(first, model)


def without_token(first: Cluster) -> None:
    """A client here and a machine there that have no token."""
    print("Without the token", flush=True)
    with tempfile.TemporaryDirectory(prefix="none") as nobody:
        os.environ["HOME"] = nobody
        fails(lambda: probe.probe(HERE, first.port), (tf.errors.UnauthenticatedError,), "there is no token here")
        command = [*WITHIN, sys.executable, "-m", "graphlab_nb.cli", "cluster", "join", f"{HERE}:{first.port}"]
        environment = {**first.environment, "HOME": nobody, "RAY_AUTH_TOKEN_PATH": ""}
        done = subprocess.run([*command, "--jobs", "worker=1"], env=environment, capture_output=True, text=True)
        print(f"    {done.stderr[:150]}", flush=True)
        assert done.returncode == 1 and "there is no token here" in done.stderr, done


def taken_over(first: Cluster, model: Model) -> None:
    """A machine that dies, and one that comes for it."""
    with joined(first) as second:
        sess = tf.Session(first.target)
        model.train(sess, 5)
        print("The second machine dies", flush=True)
        for pid in [second.process.pid, *second.processes()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        fails(lambda: model.train(sess, 1), LOST, "/job:worker/task:1")
        with tf.Session(first.target) as sess:
            sess.run(model.v)
            fails(lambda: model.train(sess, 1), LOST, "/job:worker/task:1 is not there")
        said = first.command("status", "--port", str(first.port)).stdout
        print(said, flush=True)
        assert f"/job:worker/task:1  lost with its machine, {THERE}" in said
    with joined(first) as second:
        assert any(line.startswith("/job:worker/task:1 ") for line in second.said), second.said
        print("Another machine has taken its tasks over", flush=True)
        with tf.Session(second.target) as sess:
            model.train(sess, 5)
        said = first.command("status", "--port", str(first.port)).stdout
        assert "lost" not in said, said
        disconnect()


def main() -> int:
    with (
        network() as wire,
        tempfile.TemporaryDirectory(prefix="first") as home,
        begun(Path(home), "ps=1,worker=1", "--host", HERE) as first,
    ):
        without_token(first)
        os.environ["HOME"] = home
        first.target = f"grpc://{HERE}:{first.port}"
        test(first, Model(), wire)
    print("All as it should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
