"""A cluster whose processes and clients speak TLS, as Ray offers it."""

import os
import subprocess
import sys

import pytest

from graphlab_nb import errors
from graphlab_nb.distributed import probe
from tests.distributed.conftest import as_client
from tests.distributed.running import running_cluster

PROGRAM = """
import sys
import graphlab_nb as tf

with tf.device("/job:ps/task:0"):
    v = tf.Variable([1.0, 2.0], name="v")
with tf.Session(sys.argv[1]) as sess:
    sess.run(v.initializer)
    print(sess.run(tf.assign_add(v, [1.0, 1.0])))
"""


def certificates(folder):
    """An authority's certificate, and one for this machine that it has signed; the variables that name them."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    for command in (
        ["req", "-x509", *key, "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.crt"],
        ["req", *key, *names, "-keyout", "here.key", "-out", "here.csr"],
        ["x509", "-req", "-in", "here.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
         "-copy_extensions", "copy", "-out", "here.crt"],
    ):  # fmt: skip
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)
    files = {"SERVER_CERT": "here.crt", "SERVER_KEY": "here.key", "CA_CERT": "ca.crt"}
    return {"RAY_USE_TLS": "1", **{f"RAY_TLS_{name}": str(folder / file) for name, file in files.items()}}


def session(target, environment):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, target], env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.mark.timeout(300)
def test_a_cluster_with_tls_runs_sessions_of_clients_that_have_certificates(tmp_path, monkeypatch):
    (tmp_path / "strangers").mkdir()
    tls, strangers = certificates(tmp_path), certificates(tmp_path / "strangers")
    with running_cluster("ps=1", environment=tls) as cluster:
        done = session(cluster.target, cluster.environment)
        assert done.stdout == "[2. 3.]\n", done.stderr
        # The probe's errors come before Ray is asked for anything.
        as_client(cluster, monkeypatch)
        with pytest.raises(errors.UnavailableError, match="it speaks only TLS; set RAY_USE_TLS=1 and the certificates"):
            probe.probe("127.0.0.1", cluster.port)
        for name, value in strangers.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(errors.UnavailableError, match="its certificate is not taken here"):
            probe.probe("127.0.0.1", cluster.port)
        monkeypatch.setenv("RAY_TLS_CA_CERT", os.devnull + "/none")
        with pytest.raises(errors.FailedPreconditionError, match="RAY_USE_TLS is set, and the certificates"):
            probe.probe("127.0.0.1", cluster.port)
        monkeypatch.setenv("RAY_TLS_CA_CERT", tls["RAY_TLS_CA_CERT"])
        with pytest.raises(errors.UnavailableError, match="it does not take the certificate that RAY_TLS_SERVER_CERT"):
            probe.probe("127.0.0.1", cluster.port)
