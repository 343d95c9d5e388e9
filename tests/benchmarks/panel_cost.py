"""What the panel costs a training: steps per second with it open against closed, in turn, in one run of one kernel.

`python tests/benchmarks/panel_cost.py [--blocks N]` starts a kernel that trains the softmax tutorial without a pause, and speaks to
it as the panel does: curves and the table of values at 10 Hz. In the kernel the panel is taken for closed, open, open, closed, and
so on, 0.3 s each, which is one block; the machine's slow spells are longer, and what drifts evenly cancels out in a block. Prints
the slow-down with its standard error, and what a closed panel costs a run.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.notebook.kernels import Panel, kernel

SLICE = 0.3
"""Seconds that the panel is open or closed."""
TRAINING = """
import graphlab_nb as tf, json, time
from graphlab_nb.examples.tutorials.mnist import mnist_softmax, mnist_deep
from graphlab_nb.datasets.mnist import read_data_sets
from graphlab_nb.notebook.bridge import BRIDGE
from graphlab_nb.session import hooks
data = read_data_sets(None, one_hot=True, seed=1)
model = {model}.build()
sess = tf.Session()
sess.run(tf.global_variables_initializer())
batches = [data.train.next_batch({batch}) for _ in range(100)]
more = {{model.keep_prob: 0.5}} if hasattr(model, "keep_prob") else {{}}
feeds = [{{model.x: images, model.labels: labels, **more}} for images, labels in batches]
for k in range(50):
    sess.run(model.train_step, feeds[k])
clock, rates = time.perf_counter, []

def steps_per_second(seconds):
    steps, began = 0, clock()
    while clock() - began < seconds or not steps:
        sess.run(model.train_step, feeds[steps % 100])
        steps += 1
    return steps / (clock() - began)

print("BEGUN", flush=True)
while not BRIDGE.clients:
    steps_per_second(0.1)
steps_per_second(1.0)  # the first looks build kernels
for _ in range({blocks}):
    for opened in (False, True, True, False):
        (hooks.add if opened else hooks.remove)(BRIDGE)
        rates.append(steps_per_second({slice}))
hooks.add(BRIDGE)
print("RATES", json.dumps(rates))
"""

FLAG = """
import timeit
from graphlab_nb.session.hooks import WATCHERS
assert not WATCHERS
empty = min(timeit.repeat("pass", number=1000000, repeat=5))
asked = min(timeit.repeat("if WATCHERS:\\n    pass\\nif WATCHERS:\\n    pass", globals={"WATCHERS": WATCHERS}, number=1000000, repeat=5))
print("FLAG", (asked - empty))
"""


def measure(panel: Panel, model: str, batch: int, blocks: int, **interest: object) -> tuple[float, float, float]:
    """Steps per second with the panel closed, the slow-down, and its standard error."""
    panel.texts.clear()
    panel.ticks.clear()
    panel.checks = False
    panel.run("import graphlab_nb")
    done = panel.execute(TRAINING.format(model=model, batch=batch, blocks=blocks, slice=SLICE))
    panel.until(lambda: "BEGUN" in "".join(panel.texts), 120)  # kernels are built
    interest = {"curves": True, "rate": 10.0, **interest}
    hello = panel.hello(curves=True, rate=10.0)
    session = hello["run"]["session"] or hello["sessions"][-1]["id"]
    asked = -math.inf
    while done not in panel.idle:
        if time.monotonic() - asked > 4:  # it is there still
            asked = time.monotonic()
            panel.look(**{"values": session, **interest})
        time.sleep(0.1)  # what reads the messages takes as little of the processor as can be
        panel.read(0.001)
    text = "".join(panel.texts)
    rates = json.loads(text[text.index("RATES") + 5 :].splitlines()[0])
    ratios = []
    for at in range(0, len(rates), 4):
        before, first, second, after = rates[at : at + 4]
        ratios.append(math.log(first * second / (before * after)) / 2)
    slower = 1 - math.exp(statistics.median(ratios))
    # A median's standard error is 1.25 times that of a mean for normal errors; of one alone nothing is known.
    error = 1.2533 * statistics.stdev(ratios) / math.sqrt(len(ratios)) if len(ratios) > 1 else math.nan
    share = statistics.median(tick["cost"]["share"] for tick in panel.ticks if "cost" in tick)
    print(
        f"{len(panel.ticks) / (2 * SLICE * blocks):.1f} messages a second while open; by the kernel's own count looking and sending "
        f"took {100 * share:.2f} % of its time"
    )
    return statistics.median(rates[0::4] + rates[3::4]), slower, error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=100, help="of 1.2 s: closed, open, open, closed (default: 100)")
    arguments = parser.parse_args()
    if arguments.blocks < 1:
        parser.error(f"--blocks must be at least 1, not {arguments.blocks}")
    with kernel() as panel:
        for name, model, batch, interest in (
            ("softmax", "mnist_softmax", 100, {}),
            ("softmax, curves alone", "mnist_softmax", 100, {"values": None}),
            ("deep", "mnist_deep", 50, {}),
        ):
            shut, slower, error = measure(panel, model, batch, arguments.blocks, **interest)
            print(
                f"{name}: {shut:.0f} steps/s closed, {shut * (1 - slower):.0f} open: {100 * slower:.1f} % slower, "
                f"standard error {100 * error:.1f} %",
                flush=True,
            )
        panel.texts.clear()
        panel.ask("bye")
        panel.run(FLAG)
        text = "".join(panel.texts)
        print(f"closed: {1000 * float(text.split()[1]):.0f} ns a run", flush=True)


if __name__ == "__main__":
    main()
