"""One cluster for all tests that need one, and the environment of a client of it."""

import os

import pytest

from tests.distributed.running import running_cluster


@pytest.fixture(scope="session")
def shared_cluster():
    with running_cluster("ps=1,worker=2", "--every", "1", "--checkpoints", "checkpoints") as cluster:
        yield cluster
        from graphlab_nb.distributed.connection import disconnect

        disconnect()


@pytest.fixture
def cluster(shared_cluster, monkeypatch):
    """The cluster, cleared of variables; this process is a client of it."""
    as_client(shared_cluster, monkeypatch)
    import graphlab_nb as tf

    tf.Session.reset(shared_cluster.target)
    return shared_cluster


def as_client(cluster, monkeypatch):
    """Gives this process the token of a cluster."""
    for name in ("HOME", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN_PATH", "RAY_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(cluster.home))
    assert os.path.exists(cluster.home / ".ray" / "auth_token")
