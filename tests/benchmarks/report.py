"""Results: kept as figures in results.json by runtime and work, and written from there as results.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import rows
from common import OURS, PROFILED
from rows import ROWS, Row

HERE = Path(__file__).resolve().parent
STORE, PAGE, REMARKS = HERE / "results.json", HERE / "results.md", HERE / "remarks.md"


def load() -> dict[str, dict[str, Any]]:
    """What was measured so far: by OpenCL platform and work, what `run.py` found."""
    return json.loads(STORE.read_text()) if STORE.exists() else {}


def keep(runtime: str, work: str, entry: dict[str, Any]) -> None:
    """Puts one work's figures in the place of its earlier ones and writes the page anew; all others stay."""
    results = load()
    results.setdefault(runtime, {})[work] = entry
    ordered = {runtime: dict(sorted(works.items())) for runtime, works in sorted(results.items())}
    for path, text in ((STORE, json.dumps(ordered, indent=1) + "\n"), (PAGE, page(results))):
        whole = path.with_suffix(".new")
        whole.write_text(text)
        whole.replace(path)


def page(results: dict[str, dict[str, Any]]) -> str:
    """All results as Markdown."""
    blocks = [
        "# Results",
        "Written by `python tests/benchmarks/run.py` from `results.json`; CONTRIBUTING.md says how. Ratios are best peer "
        "/ ours. Each figure is given by minima and by medians: the minimum over all rounds, and the median of the "
        "rounds' medians. Whether a goal was reached is judged by minima, since medians tell of the machine's other guests; "
        "but what memory limits by the medians of shares that were measured turn by turn.",
    ]
    for runtime, works in sorted(results.items()):
        blocks += [f"## {runtime}", *_conditions(works), "### What was to be reached", goals(runtime, works)]
        for name, entry in sorted(works.items()):
            blocks += [f"### {entry['title']} ({name})", details(entry)]
            for case, profile in entry.get("profiles", {}).items():
                blocks += [
                    f"Where our time goes ({case}; {PROFILED} steps, with what times them):",
                    f"```\n{profile}\n```",
                ]
            blocks += [f"{case}: {problem}" for case, problem in sorted(entry["problems"].items())]
            blocks += [f"![{kind}]({path})" for kind, path in sorted(entry.get("plots", {}).items())]
    if REMARKS.exists():
        blocks.append(REMARKS.read_text().strip())
    return "\n\n".join(blocks) + "\n"


def _conditions(works: dict[str, Any]) -> list[str]:
    """When each work ran, on what and with which versions; what several works share is said once."""
    facts: dict[str, list[str]] = {}
    times = []
    for name, entry in sorted(works.items()):
        machine = ", ".join(f"{key} {text}" for key, text in entry["machine"].items())
        device = "{name}, {platform}, driver {driver}".format(**entry["device"])
        facts.setdefault(f"Machine: {machine}. OpenCL device: {device}.", []).append(name)
        for engine, found in sorted(entry["versions"].items()):
            versions = ", ".join(f"{package} {version}" for package, version in found.items())
            facts.setdefault(f"{engine}: {versions}.", []).append(name)
        load = " to ".join(f"{x:.2f}" for x in entry["load"])
        times.append([name, entry["date"], entry["commit"], str(entry["rounds"]), load])
    lines = [f"* {fact} ({', '.join(names)})" for fact, names in facts.items()]
    return ["\n".join(lines), table(["work", "date", "commit", "rounds", "load average"], times)]


def goals(runtime: str, works: dict[str, Any]) -> str:
    """The table of what was to be reached."""
    return table(
        ["work", "at least", "aim", "by minima", "by medians", "reached", "case"],
        [_goal(row, runtime, works) for row in ROWS],
    )


def _goal(row: Row, runtime: str, works: dict[str, Any]) -> list[str]:
    start = [row.title, row.text(row.least_on(runtime)), "" if row.aim is None else row.text(row.aim)]
    figures = works[row.work]["figures"] if row.work in works else {}
    least, middle = row.of(figures, "min"), row.of(figures, "median")
    if least is None or middle is None:
        return [*start, "", "", "not measured", ""]
    counted = middle if row.by_turns else least
    return [*start, row.text(least[0]), row.text(middle[0]), row.reached(counted[0], runtime), counted[1]]


def details(entry: dict[str, Any]) -> str:
    """All figures of a work, minimum / median, with the ratios."""
    figures, units = entry["figures"], entry["units"]
    labels = sorted({x for found in figures.values() for x in found} - {rows.SHARE}, key=lambda x: (x != OURS, x))
    lines = []
    for case, found in figures.items():
        write = rows.size if units.get(case) == "B" else rows.seconds
        cells = [
            "{} / {}".format(*(write(found[x][w]) for w in ("min", "median"))) if x in found else "" for x in labels
        ]
        lines.append([case, *cells, *_comparisons(found)])
    return table(["case", *labels, "best peer / ours", "share of limit"], lines)


def _comparisons(found: dict[str, dict[str, float]]) -> list[str]:
    if OURS not in found:
        return ["", ""]
    texts = []
    for figure in (rows.ratio, rows.share):
        pair = [figure(found, which) for which in ("min", "median")]
        texts.append(" / ".join(rows.FORMATS[figure](x) for x in pair if x is not None))
    return texts


def table(head: list[str], lines: list[list[str]]) -> str:
    """A Markdown table without the columns that are empty throughout."""
    kept = [i for i in range(len(head)) if not lines or any(line[i] for line in lines)]
    marks = [["---"] * len(head)]
    return "\n".join("| " + " | ".join(line[i] for i in kept) + " |" for line in [head, *marks, *lines])
