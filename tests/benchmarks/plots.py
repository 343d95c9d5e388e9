"""Pictures of growth: steps per second against size, one SVG per kind of growth and OpenCL platform."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from common import OURS

FOLDER = Path(__file__).resolve().parent / "plots"
COLOURS = {OURS: "#d95f02", "tensorflow": "#7570b3", "torch": "#1b9e77"}


def draw(runtime: str, growth: dict[str, str], figures: dict[str, Any]) -> dict[str, str]:
    """Draws each kind of growth; `figures` has cases such as "depth 30".

    Returns:
      The pictures' paths, relative to the results page.
    """
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "growth"  # the same figures make the same file
    from matplotlib import pyplot

    FOLDER.mkdir(exist_ok=True)
    slug = re.sub(r"\W.*", "", runtime).lower()
    paths = {}
    for kind, label in growth.items():
        picture, axes = pyplot.subplots(figsize=(6, 4))
        for engine, colour in COLOURS.items():
            points = sorted(
                (int(case.split()[1]), found[engine])
                for case, found in figures.items()
                if case.split()[0] == kind and engine in found
            )
            if not points:
                continue
            sizes = [size for size, _ in points]
            axes.loglog(sizes, [1 / found["min"] for _, found in points], "o-", color=colour, label=engine)
            axes.loglog(sizes, [1 / found["median"] for _, found in points], ":", color=colour)
        axes.set(xlabel=label, ylabel="steps per second", title="best (line) and median (dotted)")
        axes.grid(True, which="major", alpha=0.3)
        if axes.lines:
            axes.legend()
        path = FOLDER / f"growth_{kind}_{slug}.svg"
        picture.savefig(path, bbox_inches="tight", metadata={"Date": None})
        pyplot.close(picture)
        paths[kind] = f"{FOLDER.name}/{path.name}"
    return paths
