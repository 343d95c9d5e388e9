"""Programs written with ClusterSpec and Server: each task is a process of its own."""

import subprocess
import sys

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.distributed.connection import disconnect
from graphlab_nb.distributed.machines import free_port
from tests.distributed.running import ROOT

PROGRAM = """
import sys
import graphlab_nb as tf

cluster = tf.train.ClusterSpec({{"ps": ["127.0.0.1:{0}"], "worker": ["127.0.0.1:{1}"]}})
server = tf.train.Server(cluster, sys.argv[1], int(sys.argv[2]))
print("ready", server.target, flush=True)
server.join()
"""


def test_what_a_server_cannot_be_is_told_at_once():
    cluster = {"ps": ["127.0.0.1:2222"], "worker": ["127.0.0.1:2223", "127.0.0.1:2224"]}
    with pytest.raises(ValueError, match="jobs ps, worker: say which"):
        tf.train.Server(cluster)
    with pytest.raises(ValueError, match="'worker' has 2 tasks"):
        tf.train.Server(cluster, "worker")
    with pytest.raises(ValueError, match="chief"):
        tf.train.Server(cluster, "chief", 0)
    with pytest.raises(ValueError, match="7"):
        tf.train.Server(cluster, "worker", 7)
    with pytest.raises(ValueError, match="protocol"):
        tf.train.Server(cluster, "ps", 0, protocol="mpi")
    server = tf.train.Server(cluster, "worker", 1, start=False)
    assert server.target == "grpc://127.0.0.1:2224"
    with pytest.raises(RuntimeError, match="start"):
        server.join()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.timeout(300)
def test_servers_of_a_program_make_a_cluster(tmp_path, monkeypatch):
    ports = free_port(), free_port()
    (tmp_path / "program.py").write_text(PROGRAM.format(*ports))
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # The worker begins first: it waits for the head.
    programs = [
        subprocess.Popen([sys.executable, str(tmp_path / "program.py"), job, "0"], stdout=subprocess.PIPE, text=True)
        for job in ("worker", "ps")
    ]
    try:
        for program, port in zip(programs, ports[::-1], strict=True):
            assert program.stdout is not None
            assert program.stdout.readline() == f"ready grpc://127.0.0.1:{port}\n"
        with tf.Graph().as_default() as graph:
            with tf.device(tf.train.replica_device_setter(cluster=tf.train.ClusterSpec(
                {"ps": [f"127.0.0.1:{ports[0]}"], "worker": [f"127.0.0.1:{ports[1]}"]}
            ))):  # fmt: skip
                v = tf.Variable([1.0, 2.0], name="v")
                y = v * 2.0
            assert v.device == "/job:ps/task:0" and y.device == "/job:worker"
            masters = []
            for port in ports:  # the address of each task is a target, and that task the master
                with tf.Session(f"grpc://127.0.0.1:{port}", graph=graph) as sess:
                    masters.append(sess.list_devices()[0].name)
                    if port == ports[0]:
                        sess.run(v.initializer)
                    np.testing.assert_array_equal(sess.run(y), [2.0, 4.0])
        assert [name.partition("/device")[0] for name in masters] == [
            "/job:ps/replica:0/task:0", "/job:worker/replica:0/task:0"
        ]  # fmt: skip
    finally:
        disconnect()
        for program in programs:
            program.terminate()
        for program in programs:
            program.wait(30)
            program.stdout.close()
