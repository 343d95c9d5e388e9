"""Tasks in a cluster that others have made: by Ray's own command here, with its own client port."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.distributed import entry, room
from graphlab_nb.distributed.connection import _connections as connections
from graphlab_nb.distributed.connection import connect, disconnect
from graphlab_nb.distributed.machines import end_processes, free_port, processes_of
from graphlab_nb.distributed.probe import parse_target
from graphlab_nb.distributed.tokens import make_token
from tests.distributed.running import ROOT, wait_for

TRIES = 3
FOUR = {"CPU": 4.0, "memory": 1e9, "node:10.0.0.1": 1.0}


@pytest.fixture
def theirs(monkeypatch):
    """Addresses of a cluster's control store and client port; this process and its children have its token."""
    for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_AUTH_MODE", "RAY_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    with tempfile.TemporaryDirectory(prefix="theirs") as home:
        monkeypatch.setenv("HOME", home)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])))
        make_token()
        try:
            found = next(filter(None, (started(home) for _ in range(TRIES))), None)
            assert found is not None, f"`ray start` did not come up in {TRIES} tries"
            yield found
        finally:
            disconnect()
            end_processes(processes_of(f"{home}/ray"))


def started(home: str) -> tuple[str, str] | None:
    """The addresses of a cluster that `ray start` made; None where its agents were not there in time, as on a busy machine."""
    store, port, agent = (free_port() for _ in range(3))
    began = subprocess.run(
        [str(Path(sys.executable).with_name("ray")), "start", "--head", "--node-ip-address=127.0.0.1", f"--port={store}",
         f"--ray-client-server-port={port}", f"--dashboard-agent-listen-port={agent}", "--num-cpus=4",
         "--object-store-memory=100000000", "--include-dashboard=false", f"--temp-dir={home}/ray",
         "--disable-usage-stats"],
        env={**os.environ, "RAY_AUTH_MODE": "token"}, capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    if not began.returncode:
        return f"127.0.0.1:{store}", f"127.0.0.1:{port}"
    assert "timed out during startup" in began.stdout + began.stderr, began.stdout + began.stderr
    end_processes(processes_of(f"{home}/ray"))
    return None


def cluster(*arguments: str) -> tuple[int, str, str]:
    """What `graphlab-nb cluster ...` returns, prints and complains of."""
    done = subprocess.run(
        [sys.executable, "-m", "graphlab_nb.cli", "cluster", *arguments],
        capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def begin(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "graphlab_nb.cli", "cluster", *arguments])


def groups(port: str) -> int:
    """How many placement groups there are."""
    from ray.util.placement_group import placement_group_table

    with contextlib.suppress(tf.errors.UnavailableError):  # no task is there any more, and the connection is
        connect(f"grpc://{port}")
    with connections[parse_target(f"grpc://{port}")]._entered():
        return sum(group["state"] != "REMOVED" for group in placement_group_table().values())


def test_a_cluster_that_ray_start_made_is_used_as_it_is(theirs):
    store, port = theirs
    code, _, complaint = cluster("attach", store, "--jobs", "ps=1,worker=2", "--gpus-per-task", "1")
    assert code == 1 and complaint == (
        "graphlab-nb cluster attach: The cluster can hold none of 3 tasks with CPU 1, GPU 1 each; it has 1 machine with CPU 4, "
        "GPU 0. Ask for less, or, where it grows on demand, give it time by --wait SECONDS\n"
    )
    names = ["/job:ps/task:0", "/job:worker/task:0"]
    code, said, complaint = cluster("attach", store, "--jobs", "ps=1,worker=1", "--placement", "strict-pack")
    assert code == 0, complaint
    assert [line.split()[0] for line in said.splitlines() if line.startswith("/job:")] == names
    code, said, complaint = cluster("status", store)
    assert code == 0 and said.startswith(f"{store}: 2 tasks\n"), complaint

    tf.reset_default_graph()
    with tf.device("/job:ps/task:0"):
        w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.device("/job:worker/task:0"):
        y = tf.matmul(w, w)
    with tf.Session(f"grpc://{port}") as sess:
        sess.run(tf.initialize_all_variables())
        np.testing.assert_array_equal(sess.run(y), [[7.0, 10.0], [15.0, 22.0]])
    code, _, complaint = cluster("attach", store, "--jobs", "eval=3", "--placement", "pack")
    assert code == 1 and "no room now for 3 tasks with CPU 1 each: others take all but CPU 2. Wait" in complaint
    left = begin("attach", store, "--jobs", "eval=3", "--placement", "pack", "--wait", "100")
    killed = begin("attach", store, "--jobs", "late=3", "--placement", "pack", "--wait", "100")
    wait_for(lambda: groups(port) == 3)
    left.send_signal(signal.SIGINT)
    killed.kill()
    left.wait(30)
    killed.wait(30)
    wait_for(lambda: groups(port) == 2)
    code, said, complaint = cluster("down", store)
    assert code == 0 and said == f"removed: {', '.join(names)}\n", complaint
    assert groups(port) == 0
    with pytest.raises(tf.errors.UnavailableError, match="has no tasks"):
        connect(f"grpc://{port}")


@pytest.mark.parametrize(("machines", "each", "placement", "held"), [
    ([FOUR], {"CPU": 1.0}, "", 4),
    ([FOUR], {"CPU": 0.1}, "", 40),
    ([FOUR], {"CPU": 3.0}, "", 1),
    ([FOUR, {"CPU": 1.0}], {"CPU": 1.0}, "spread", 5),
    ([FOUR, {"CPU": 1.0}], {"CPU": 1.0}, "strict-pack", 4),
    ([FOUR, {"CPU": 1.0}], {"CPU": 1.0}, "strict-spread", 2),
    ([FOUR, {"CPU": 1.0}], {"CPU": 2.0}, "strict-spread", 1),
    ([FOUR], {"CPU": 1.0, "GPU": 1.0}, "", 0),
    ([FOUR, {"CPU": 8.0, "GPU": 2.0}], {"CPU": 1.0, "GPU": 0.5}, "", 4),
    ([FOUR], {"CPU": 0.0, "TPU": 1.0}, "", 0),
    ([], {"CPU": 1.0}, "strict-pack", 0),
])  # fmt: skip
def test_what_machines_hold(machines, each, placement, held):
    assert room.holding(machines, each, placement) == held


def test_what_takes_nothing_is_held_by_any_machine():
    assert room.holding([FOUR], {"CPU": 0.0}, "") > 10**6
    assert room.holding([], {}, "") == 0


def test_what_others_take_is_told_and_what_they_just_gave_back_is_waited_for(monkeypatch):
    import ray

    looks = [{"CPU": 1.0}, {"CPU": 1.0, "GPU": 2.0}, {"CPU": 2.0, "GPU": 1.0}]
    monkeypatch.setattr(ray, "available_resources", lambda: looks.pop(0) if len(looks) > 1 else looks[0])
    with pytest.raises(
        tf.errors.ResourceExhaustedError, match="with CPU 1, GPU 1 each: others take all but CPU 1, GPU 0"
    ):
        room.check_free(2, {"CPU": 1.0, "GPU": 1.0}, seconds=-1.0)
    room.check_free(2, {"CPU": 1.0, "GPU": 0.5}, seconds=5.0)
    assert len(looks) == 1
    room.check_free(3, {}, seconds=-1.0)


def test_machines_are_told_together_where_they_are_alike():
    machines = [FOUR, {"CPU": 8.0, "GPU": 2.0}, {"CPU": 4.0}]
    assert (
        room.described(machines, {"CPU": 1, "GPU": 1}) == "2 machines with CPU 4, GPU 0 and 1 machine with CPU 8, GPU 2"
    )
    assert room.described([], {"CPU": 1}) == "no machine"


REFUSED = "Initialization failure from server:\nTraceback (most recent call last):\n  File ...\nZombieProcess: 7740\n"


@pytest.mark.parametrize(("said", "asked"), [(REFUSED, 2), ("ray client connection timeout", 1)])
def test_a_port_that_could_not_start_its_process_is_asked_once_more(monkeypatch, said, asked):
    import ray

    tries = []

    def init(where, **options):
        tries.append(where)
        raise ConnectionError(said)

    monkeypatch.setattr(ray, "init", init)
    monkeypatch.setattr(entry, "_PAUSE", 0.0)
    with pytest.raises(ConnectionError) as raised:
        entry.enter("ray://127.0.0.1:1")
    assert len(tries) == asked
    expected = "Initialization failure from server: ZombieProcess: 7740" if asked == 2 else said
    assert entry.words(raised.value) == expected


def test_what_comes_at_the_second_try_is_taken(monkeypatch):
    import ray

    answers = [ConnectionError(REFUSED), "connected"]

    def init(where, **options):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(ray, "init", init)
    monkeypatch.setattr(entry, "_PAUSE", 0.0)
    assert entry.enter("ray://127.0.0.1:1") == "connected"
