"""What clients and masters make of each other's silence; no cluster is needed for that."""

import time
from types import SimpleNamespace

import pytest

import graphlab_nb as tf
from graphlab_nb.distributed import heartbeat, master, presence
from tests.distributed.running import wait_for


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    for name, seconds in (("PING_EACH", 0.02), ("SILENCE", 0.2), ("RENEW_EACH", 0.2)):
        monkeypatch.setattr(heartbeat, name, seconds)


@pytest.fixture
def beating():
    """Makes heartbeats, which end with the test; `told` is what they do."""
    made, told = [], []

    def begin(ping=lambda seconds: None):
        made.append(
            heartbeat.Heartbeat(
                lambda seconds: (told.append("ping"), ping(seconds)),
                lambda: told.append("renew"),
                lambda: told.append("lost"),
            )
        )
        return made[-1], told

    yield begin
    for each in made:
        each.end()


def silent(seconds):
    raise TimeoutError


def test_nothing_is_asked_while_nothing_waits_but_for_leases(beating):
    _, told = beating()
    wait_for(lambda: told.count("renew") >= 3)
    assert told[:6] == ["ping", "renew"] * 3


def test_a_silent_cluster_is_lost_once(beating):
    beats, told = beating(silent)
    with beats.waiting():
        wait_for(lambda: "lost" in told)
        time.sleep(0.3)
    assert told.count("ping") > 1 and told[-1] == "lost" and told.count("lost") == 1


def test_each_answer_ends_the_silence(beating, monkeypatch):
    monkeypatch.setattr(heartbeat, "SILENCE", 3.0)
    turns = iter([silent, lambda seconds: None] * 1000)
    beats, told = beating(lambda seconds: next(turns)(seconds))
    with beats.waiting():
        wait_for(lambda: told.count("renew") >= 18)  # longer than a silence may be
    assert "lost" not in told


class Table:
    """Ray's table of actors."""

    def __init__(self, monkeypatch):
        self.rows = {}
        monkeypatch.setattr(presence, "actors", lambda which=None: self.rows if which is None else self.rows[which])
        monkeypatch.setattr(
            presence, "tasks", lambda: [row["Name"] for row in self.rows.values() if row["State"] != "DEAD"]
        )

    def add(self, name, state, cause="", host="10.0.0.1"):
        key = f"{len(self.rows)}"
        self.rows[key] = {"Name": name, "State": state, "DeathCause": cause, "OwnerAddress": {"IPAddress": host}}
        return SimpleNamespace(_actor_id=SimpleNamespace(hex=lambda: key))


def test_tasks_are_lost_that_ended_with_their_machine_and_have_not_come_again(monkeypatch):
    table, unschedulable = Table(monkeypatch), "actor_unschedulable_context { ... }"
    table.add("/job:ps/task:0", "ALIVE")
    table.add("/job:worker/task:0", "DEAD", unschedulable)
    table.add("/job:worker/task:0", "ALIVE")
    table.add("/job:worker/task:2", "DEAD", unschedulable, "10.0.0.2")
    table.add("/job:worker/task:1", "DEAD", unschedulable, "10.0.0.2")
    table.add("/job:worker/task:3", "DEAD", "actor_died_error_context { reason: RAY_KILL }")
    table.add("another", "DEAD", unschedulable)
    assert presence.lost_tasks() == [
        {"name": "/job:worker/task:1", "host": "10.0.0.2"},
        {"name": "/job:worker/task:2", "host": "10.0.0.2"},
    ]


def test_a_lost_task_is_not_waited_for(monkeypatch):
    table = Table(monkeypatch)
    peers = {name: table.add(name, state) for name, state in (("/job:ps/task:0", "ALIVE"), ("/job:ps/task:1", "DEAD"))}
    it = master.Master(SimpleNamespace(name="/job:worker/task:0", peer=lambda name: peers[name]))
    it._await_tasks(["/job:ps/task:0"])
    with pytest.raises(tf.errors.UnavailableError, match=r"task:1 is not there: its machine died .* brings it back"):
        it._await_tasks(list(peers))


@pytest.mark.parametrize("ends", ["answers", "is cancelled", "is silent"])
def test_a_task_that_works_at_other_runs_is_waited_for(monkeypatch, ends):
    asked = []

    def ask(sessions):
        asked.append(sessions)
        return "a question"

    peer = SimpleNamespace(unknown=SimpleNamespace(remote=ask))
    it = master.Master(SimpleNamespace(name="/job:worker/task:0", peer=lambda name: peer))
    monkeypatch.setattr(it, "_alive", lambda name: True)
    monkeypatch.setattr(master, "PATIENCE", 0.05)

    def wait(refs, timeout):
        time.sleep(0.02)
        if ends == "is cancelled" and asked:
            it._cancelled.add("s.1")
        return (refs if ends == "answers" and len(asked) > 2 else []), []

    def get(ref, timeout):
        if ref == "a question" and ends == "is silent":
            raise master.ray.exceptions.GetTimeoutError
        return ref

    monkeypatch.setattr(master.ray, "wait", wait)
    monkeypatch.setattr(master.ray, "get", get)
    if ends == "answers":
        assert it._await("s.1", "/job:ps/task:0", "an answer") == "an answer"
        assert asked == [[], [], []]
    elif ends == "is cancelled":
        with pytest.raises(tf.errors.CancelledError):
            it._await("s.1", "/job:ps/task:0", "an answer")
    else:
        with pytest.raises(tf.errors.UnavailableError, match="task:0 has not answered"):
            it._await("s.1", "/job:ps/task:0", "an answer")


def test_a_session_lasts_as_long_as_its_lease(monkeypatch):
    Table(monkeypatch).add("/job:ps/task:0", "ALIVE")
    closed = []

    def close(session):
        closed.append(session)
        it.close(session)

    it = master.Master(SimpleNamespace(name="/job:ps/task:0", close_here=close))
    config = master.dumps(tf.ConfigProto())
    for name in "ab":
        it._opened[name] = master._Opened(config, "/job:ps/task:0", ["/job:ps/task:0"])
    it.drop_silent(heartbeat.LEASE)
    it.renew(["a", "nobody's"], 5.0)
    it.drop_silent(1.0)
    assert closed == ["b"] and it.unknown(["a", "nobody's"]) == ["nobody's"]
    it.drop_silent(5.0)
    assert closed == ["b", "a"]
