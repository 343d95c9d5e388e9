"""Training gives the same bits whether the panel is open, shows all it can, or closed."""

from __future__ import annotations

import pytest

from tests.notebook.kernels import kernel

TRAIN = """
import graphlab_nb as tf, numpy as np, hashlib
tf.reset_default_graph()
tf.set_random_seed(7)
data = np.random.RandomState(3)
x = tf.placeholder(tf.float32, [None, 8, 8, 1], name="x")
labels = tf.placeholder(tf.float32, [None, 5], name="labels")
W = tf.Variable(tf.truncated_normal([3, 3, 1, 6], stddev=0.3), name="W")
h = tf.nn.max_pool(tf.nn.relu(tf.nn.conv2d(x, W, [1, 1, 1, 1], "SAME")), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
V = tf.Variable(tf.truncated_normal([96, 5], stddev=0.3), name="V")
kept = tf.nn.dropout(tf.reshape(h, [-1, 96]), 0.6)
slow = tf.placeholder(tf.float32, [500, 500])
work = tf.matmul(tf.matmul(tf.matmul(slow, slow), slow), slow)[0, 0]  # what is read on the host waits for it
sums = work * tf.reduce_sum(W * W, [0, 1, 2])
scale = tf.sqrt(tf.reduce_max(sums))
entropy = tf.nn.softmax_cross_entropy_with_logits(logits=tf.matmul(kept, V), labels=labels)
loss = tf.mul(tf.reduce_mean(entropy), scale, name="loss")
tf.scalar_summary("loss", loss)
tf.histogram_summary("W", W)
summaries, told = tf.merge_all_summaries(), []
step = tf.train.AdamOptimizer(1e-2).minimize(loss)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
for k in range(120):
    feed = {x: data.rand(20, 8, 8, 1), labels: np.eye(5)[data.randint(0, 5, 20)]}
    feed[slow] = np.eye(500) * (1 + k / 1000)
    told.append(sess.run([step, summaries], feed)[1])
values = [np.asarray(v).tobytes() for v in sess.run(tf.global_variables())]
digest = hashlib.sha256(b"".join(values + told)).hexdigest()
print("DIGEST", digest)
"""


@pytest.mark.parametrize("platform", ["intel", "portable"])
def test_bits_do_not_depend_on_the_panel(platform, monkeypatch):
    monkeypatch.setenv("GLNB_PLATFORM", platform)
    with kernel() as panel:
        panel.run("import graphlab_nb")
        found = []
        for shown in (False, True, False):
            panel.texts.clear()
            if shown:
                panel.hello(curves=True)
                panel.look(curves=True, rate=20.0)  # losses are wanted from the first step on, which are measured
                identity = panel.execute(TRAIN)
                session = None
                looks = 0
                while identity not in panel.idle:
                    panel.read(0.02)
                    session = panel.state().get("session") or session
                    if session:
                        looks += 1
                        picture = {
                            "key": "k", "session": session, "tensor": "W:0", "axes": [3, 0, 1], "index": [0],
                            "rows": [0, 6], "columns": [0, 3], "cells": 1000, "bins": 10,
                        }  # fmt: skip
                        pinned = ["MatMul:0", "dropout/mul:0"]
                        panel.look(curves=True, values=session, pinned=pinned, pictures=[picture], rate=20.0)
                        panel.ask("fetch")
                assert looks
                assert any("values" in tick for tick in panel.ticks)
            else:
                panel.ask("bye")
                panel.run(TRAIN)
            panel.until(lambda: "DIGEST" in "".join(panel.texts))
            assert not panel.errors
            found.append("".join(panel.texts).split()[-1])
        assert len(set(found)) == 1
