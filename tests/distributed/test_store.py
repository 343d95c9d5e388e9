"""Checkpoints of a task's variables; no cluster is needed for that."""

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.distributed.store import Store
from graphlab_nb.runtime.device import logical_devices
from tests.distributed.test_cutting import Cluster, on

PS = "/job:ps/task:0"


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kept" / "job-ps-task-0.npz"


@pytest.fixture
def store(path):
    return Store(logical_devices(), path, every_steps=3)


@pytest.fixture
def cluster(store):
    cluster = Cluster()
    cluster.stores[PS] = store
    cluster.begin()
    return cluster


def kept(path):
    """What a task finds that begins with this checkpoint."""
    store = Store(logical_devices(), path)
    store.restore()
    return {name: store._read(each).tolist() for (_, name), each in store.variables.items()}


def test_a_checkpoint_is_due_after_so_many_runs_that_changed_variables(cluster, store, path):
    with on("ps"):
        v = tf.Variable([1.0, 2.0], name="v")
        read, step = v * 2.0, tf.assign_add(v, [1.0, 1.0])
    cluster.run(v.initializer)
    for _ in range(4):
        cluster.run(read)
    cluster.run(step)
    assert store.changes == 2 and store.stale and not store.due.is_set()
    cluster.run(step)
    assert store.due.is_set()
    store.save()
    assert not store.due.is_set() and not store.stale and kept(path) == {"v": [3.0, 4.0]}
    cluster.run(read)
    assert not store.stale
    cluster.run([step, read])
    assert store.stale and not store.due.is_set()


def test_a_variable_that_an_assignment_gave_another_shape_comes_back_with_it(cluster, store, path):
    with on("ps"):
        v = tf.Variable([1.0, 2.0], name="v")
        longer = tf.assign(v, [1.0, 2.0, 3.0], validate_shape=False)
    cluster.run(v.initializer)
    cluster.run(longer)
    store.save()
    assert kept(path) == {"v": [1.0, 2.0, 3.0]}
    cluster.stores[PS] = Store(logical_devices(), path)
    cluster.stores[PS].restore()
    cluster.begin()
    np.testing.assert_array_equal(cluster.run(v)[0], [1.0, 2.0, 3.0])
    with np.load(path) as data:  # one that an earlier version wrote
        older = {key: data[key] for key in data.files if not key.endswith(".declared")}
    np.savez(path, **older)
    assert kept(path) == {"v": [1.0, 2.0, 3.0]}


def test_runs_that_come_while_it_is_written_count_for_the_next(cluster, store, path, monkeypatch):
    with on("ps"):
        v = tf.Variable([1.0], name="v")
        step = tf.assign_add(v, [1.0])
    cluster.run(v.initializer)
    savez = np.savez

    def meanwhile(*arguments, **arrays):
        for _ in range(3):
            cluster.run(step)
        savez(*arguments, **arrays)

    monkeypatch.setattr(np, "savez", meanwhile)
    store.save()
    assert kept(path) == {"v": [1.0]} and store.stale and store.due.is_set()
    monkeypatch.undo()
    store.save()
    assert kept(path) == {"v": [4.0]} and not store.stale and not store.due.is_set()


def test_one_that_cannot_be_written_leaves_the_last(cluster, store, path, monkeypatch):
    with on("ps"):
        v = tf.Variable([1.0], name="v")
        step = tf.assign_add(v, [1.0])
    cluster.run(v.initializer)
    store.save()
    for _ in range(3):
        cluster.run(step)

    def fail(descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="no space"):
        store.save()
    assert store.stale and store.due.is_set()
    assert len(list(path.parent.iterdir())) == 2
    assert kept(path) == {"v": [1.0]}  # who begins with it removes the half-written one
    assert list(path.parent.iterdir()) == [path]


def test_a_damaged_checkpoint_is_named(path):
    path.parent.mkdir()
    path.write_bytes(b"PK")
    store = Store(logical_devices(), path)
    with pytest.raises(tf.errors.DataLossError, match=r"job-ps-task-0\.npz cannot be read .*remove it"):
        store.restore()
