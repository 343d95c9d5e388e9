"""How training in step would grow with workers, by a model: `python tests/benchmarks/cluster_model.py [FOLDER]`.

It prints a table and draws plots/cluster_model.png (or into FOLDER). cluster_model.md explains it: what was measured, what is
assumed, the equations.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "plots"
WORKERS = [2**k for k in range(9)]


@dataclass(frozen=True)
class Network:
    """What messages between tasks cost.

    Attributes:
      busy: seconds that a task is busy with sending or taking one.
      one_way: seconds from its sending until the other task goes on.
      rate: bytes of tensors per second.
    """

    busy: float
    one_way: float
    rate: float


@dataclass(frozen=True)
class Training:
    """What is trained.

    Attributes:
      name: in words.
      compute: seconds of a step on one worker, without messages.
      size: bytes of the variables, and of their gradients.
    """

    name: str
    compute: float
    size: float


def one_parameter_task(training: Training, network: Network, workers: int) -> float:
    """Seconds of a step where one task has the variables."""
    return sharded(training, network, workers, 1)


def sharded(training: Training, network: Network, workers: int, shards: int) -> float:
    """Seconds of a step where the variables are divided among several parameter tasks, equally."""
    of_task = 2 * workers * (network.busy + training.size / shards / network.rate)
    of_worker = 2 * (shards * network.busy + training.size / network.rate)
    return training.compute + 2 * network.one_way + max(of_task, of_worker)


def best_sharded(training: Training, network: Network, workers: int) -> float:
    """Seconds of a step with the number of parameter tasks, up to that of the workers, that makes it shortest."""
    return min(sharded(training, network, workers, shards) for shards in range(1, workers + 1))


def ring(training: Training, network: Network, workers: int) -> float:
    """Seconds of a step where each worker has the variables, and gradients are summed along a ring of the workers."""
    hops = 2 * (workers - 1)
    return training.compute + hops * (network.one_way + training.size / workers / network.rate)


Layout = Callable[[Training, Network, int], float]
LAYOUTS: dict[str, Layout] = {
    "one parameter task": one_parameter_task,
    "sharded, best number of tasks": best_sharded,
    "ring all-reduce": ring,
}

# Measured by cluster.py, see cluster_model.md.
NETWORK = Network(busy=0.9e-3, one_way=2.5e-3, rate=1.0e9)
TRAININGS = [
    Training("softmax, 31 kB of variables, 100 digits a worker", 0.14e-3, 4 * 7850),
    Training("deep, 13.1 MB of variables, 50 digits a worker", 24.2e-3, 4 * 3274634),
]


def speed(layout: Layout, training: Training, network: Network, workers: int) -> float:
    """Batches that all workers train in the time of one local step."""
    return workers * training.compute / layout(training, network, workers)


def draw(folder: Path) -> Path:
    """Draws how speed grows with workers, one panel for each training."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    folder.mkdir(exist_ok=True)
    picture, panels = pyplot.subplots(1, len(TRAININGS), figsize=(11, 4.4), facecolor="white")
    for axes, training in zip(panels, TRAININGS, strict=True):
        axes.loglog(WORKERS, WORKERS, ":", color="#888888", label="n workers as fast as n devices", base=2)
        for (name, layout), colour, mark in zip(
            LAYOUTS.items(), ("#d95f02", "#1b9e77", "#7570b3"), ("o-", "s-", "^-"), strict=True
        ):
            values = [speed(layout, training, NETWORK, n) for n in WORKERS]
            axes.loglog(WORKERS, values, mark, color=colour, label=name, base=2, markersize=4)
        axes.axhline(1, color="#888888", linewidth=0.8)
        axes.set(title=training.name, xlabel="workers, n (number)", ylabel="speed (batches per time of one local step)")
        axes.set_xticks(WORKERS, [str(n) for n in WORKERS])
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.grid(True, which="major", alpha=0.3)
        axes.legend(fontsize=8)
    path = folder / "cluster_model.png"
    picture.savefig(path, bbox_inches="tight", dpi=110, metadata={"Software": None})
    pyplot.close(picture)
    return path


def table() -> list[str]:
    """Lines of Markdown: speed by layout and number of workers."""
    shown = WORKERS[::2]
    lines = ["| training | layout | " + " | ".join(f"n = {n}" for n in shown) + " |", "|---" * (len(shown) + 2) + "|"]
    for training in TRAININGS:
        for name, layout in LAYOUTS.items():
            values: Any = [f"{speed(layout, training, NETWORK, n):.2f}" for n in shown]
            lines.append(f"| {training.name.split(',')[0]} | {name} | " + " | ".join(values) + " |")
    return lines


def main() -> None:
    """Prints the table and draws the picture."""
    print("\n".join(table()))
    print(draw(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))


if __name__ == "__main__":
    main()
