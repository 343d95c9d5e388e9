"""What a task does for a run; no cluster is needed for that."""

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.distributed import task as tasks
from graphlab_nb.distributed.master import _for_task
from graphlab_nb.distributed.requests import PartRequest, Prepare
from graphlab_nb.distributed.shipping import dumps, key_of
from tests.distributed.test_cutting import Cluster, on

NAME = "/job:ps/task:0"


@pytest.mark.parametrize(("each", "looks"), [(60.0, 0), (-1.0, 4)])
def test_a_part_looks_after_the_master_only_now_and_then(monkeypatch, each, looks):
    looked = []
    monkeypatch.setattr(tasks, "LOOK_EACH", each)
    monkeypatch.setattr(tasks.Task, "_look_at_master", lambda self, request: looked.append(request.master))
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [])
        with on("ps"):
            y = x * 2.0
        cluster = Cluster()
        parts = cluster.cut([y], [x]).of_task()[NAME]
        ops = dumps([_for_task(op, True) for op in cluster.rebuilt.ops.values()])
    task = tasks.Task(NAME)
    assert task.prepare_here(Prepare("session", dumps(tf.ConfigProto()), NAME, True, 0, ops, parts)) is None
    feeds = [{key_of(x): np.float32(k)} for k in range(4)]
    outcome = task.run_part(PartRequest("session", 0, "run", feeds, (), "/job:worker/task:0", None, False))
    assert outcome.failure is None
    assert [float(values[key_of(y)]) for values in outcome.values] == [0.0, 2.0, 4.0, 6.0]
    assert looked == ["/job:worker/task:0"] * looks
