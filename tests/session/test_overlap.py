"""Blocks of steps that run side by side give what they give one after the other, and survive an interrupt."""

from __future__ import annotations

from tests.session.test_devices import in_process

SIDE_BY_SIDE = """
    import numpy as np
    import graphlab_nb as tf
    from graphlab_nb.session.resources import DeviceResources
    begun = []
    begin = DeviceResources.begin_side_work
    DeviceResources.begin_side_work = lambda part: (begun.append(part), begin(part))[1]
"""


def test_random_programs_on_a_gpu_that_overlaps() -> None:
    in_process(
        "cpu:as-gpu",
        SIDE_BY_SIDE
        + """
    from tests.session.test_random_programs import test_random_programs
    for seed in range(12):
        test_random_programs(seed)
    assert len(begun) >= 12, len(begun)
    """,
    )


def test_training_that_overlaps_is_the_same_every_time() -> None:
    in_process(
        "cpu:as-gpu",
        SIDE_BY_SIDE
        + """
    random = np.random.RandomState(0)
    x = tf.placeholder(tf.float32, [None, 32])
    ends = []
    for k in range(3):
        y = x
        for _ in range(3):
            y = tf.tanh(tf.matmul(y, tf.Variable(random.randn(32, 32).astype(np.float32) / 6)))
        ends.append(y)
    loss = tf.reduce_mean(tf.square(tf.add_n(ends) - x))
    train = tf.train.AdamOptimizer(0.01).minimize(loss)
    data = random.rand(20, 32).astype(np.float32)
    runs = []
    for _ in range(2):
        with tf.Session() as sess:
            sess.run(tf.initialize_all_variables())
            runs.append([sess.run([train, loss], {x: data})[1] for _ in range(40)])
    assert begun and runs[0] == runs[1] and runs[0][-1] < 0.3 * runs[0][0], runs
    """,
    )


def test_an_interrupt_within_a_block_leaves_the_queues_joined() -> None:
    in_process(
        "cpu:as-gpu",
        SIDE_BY_SIDE
        + """
    x = tf.placeholder(tf.float32, [64, 64])
    out = [tf.matmul(tf.matmul(x, x), tf.matmul(x, tf.exp(x * k))) for k in range(3)]
    data = np.eye(64, dtype=np.float32)
    end = DeviceResources.end_side_work
    interrupts = [KeyboardInterrupt]
    def interrupted(part):
        if interrupts:
            raise interrupts.pop()
        return end(part)
    DeviceResources.end_side_work = interrupted
    with tf.Session() as sess:
        try:
            sess.run(out, {x: data})
        except KeyboardInterrupt:
            print("interrupted")
        part = sess._resources.devices[sess._resources.devices.index(begun[0])]
        assert not part.side_work  # all that was left of the run has been put into the queues
        for _ in range(3):
            first = sess.run(out, {x: data})
            np.testing.assert_allclose(first[1], np.exp(data), rtol=1e-4, atol=1e-4)
        assert not part.side_work
    """,
    )
