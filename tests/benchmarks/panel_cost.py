"""What the panel costs a training: steps per second with it open against closed, in turn, in one run of one kernel.

`python tests/benchmarks/panel_cost.py [--slices N]` starts a kernel that trains the softmax tutorial without a pause, and speaks to
it as the panel does: for a second the panel is open, shows curves and the table of values at 10 Hz, for the next it is closed, and
so on. Prints the slow-down with its standard error, and what a closed panel costs a run.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.notebook.kernels import Panel, kernel

TRAINING = """
import graphlab_nb as tf, json, time
from graphlab_nb.examples.tutorials.mnist import mnist_softmax, mnist_deep
from graphlab_nb.datasets.mnist import read_data_sets
from graphlab_nb.session.hooks import WATCHERS
data = read_data_sets(None, one_hot=True, seed=1)
model = {model}.build()
sess = tf.Session()
sess.run(tf.global_variables_initializer())
batches = [data.train.next_batch({batch}) for _ in range(100)]
more = {{model.keep_prob: 0.5}} if hasattr(model, "keep_prob") else {{}}
feeds = [{{model.x: images, model.labels: labels, **more}} for images, labels in batches]
for k in range(50):
    sess.run(model.train_step, feeds[k])
sess.run(tf.constant(0.0))
print("BEGUN", flush=True)
clock, slices, end = time.perf_counter, [], time.perf_counter() + {seconds}
while clock() < end:
    open_now, began, steps = bool(WATCHERS), clock(), 0
    while bool(WATCHERS) == open_now and clock() - began < 0.25:
        sess.run(model.train_step, feeds[steps % 100])
        steps += 1
    slices.append((open_now, began, clock() - began, steps))
print("SLICES", json.dumps(slices))
"""

FLAG = """
import timeit
from graphlab_nb.session.hooks import WATCHERS
assert not WATCHERS
empty = min(timeit.repeat("pass", number=1000000, repeat=5))
asked = min(timeit.repeat("if WATCHERS:\\n    pass\\nif WATCHERS:\\n    pass", globals={"WATCHERS": WATCHERS}, number=1000000, repeat=5))
print("FLAG", (asked - empty))
"""


def measure(
    panel: Panel, model: str, batch: int, slices: int, seconds: float = 1.0
) -> tuple[float, float, float, float]:
    """Steps per second with the panel closed and open, the slow-down, and its standard error."""
    panel.texts.clear()
    panel.checks = False
    panel.run("import graphlab_nb")
    session = None
    done = panel.execute(TRAINING.format(model=model, batch=batch, seconds=(slices + 2) * seconds))
    panel.until(lambda: "BEGUN" in "".join(panel.texts), 120)  # kernels are built
    for turn in range(slices):
        if turn % 2:
            hello = panel.hello(curves=True, rate=10.0)
            session = hello["run"]["session"] or session
            panel.look(curves=True, rate=10.0, values=session)
        else:
            panel.ask("bye")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.1)  # what reads the messages takes as little of the processor as can be
            panel.read(0.001)
    panel.until(lambda: done in panel.idle, 120)
    text = "".join(panel.texts)
    rows = json.loads(text[text.index("SLICES") + 7 :].splitlines()[0])
    # Stretches of one kind, without the first quarter of a second of each, in which the panel opens or closes; each second that
    # it was open against those before and after, since the machine has slow spells that are longer.
    seconds_of: list[tuple[bool, list[float]]] = []
    for before, (open_now, _, took, steps) in pairwise(rows):
        if before[0] != open_now:
            seconds_of.append((open_now, []))
        elif seconds_of and took > 0.2:
            seconds_of[-1][1].append(steps / took)
    rates = [(kind, statistics.mean(found)) for kind, found in seconds_of if found]
    ratios, shut = [], []
    for (_, left), (kind, middle), (_, right) in zip(rates, rates[1:], rates[2:], strict=False):
        if kind:
            ratios.append(2 * middle / (left + right))
            shut += [left, right]
    if not ratios:
        raise SystemExit("The panel was never seen open between two closed seconds: ask for more slices")
    slower = 1 - statistics.median(ratios)
    # A median's standard error is 1.25 times that of a mean for normal errors; of one alone nothing is known.
    error = 1.2533 * statistics.stdev(ratios) / math.sqrt(len(ratios)) if len(ratios) > 1 else math.nan
    closed = statistics.median(shut)
    shares = [tick["cost"]["share"] for tick in panel.ticks if "cost" in tick]
    print(
        f"looking and sending took {100 * statistics.median(shares):.2f} % of the host's time by the kernel's own count"
    )
    return closed, closed * (1 - slower), slower, error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--slices", type=int, default=40, help="of a second each, by turns closed and open (default: 40)"
    )
    arguments = parser.parse_args()
    with kernel() as panel:
        for name, model, batch in (("softmax", "mnist_softmax", 100), ("deep", "mnist_deep", 50)):
            shut, opened, slower, error = measure(panel, model, batch, arguments.slices)
            print(
                f"{name}: {shut:.0f} steps/s closed, {opened:.0f} open: {100 * slower:.1f} % slower, "
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
