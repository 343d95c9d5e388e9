"""Runs works by us and by the peers in turn, prints the figures, and keeps them in results.json and results.md.

    python tests/benchmarks/run.py [--setup] [--short] [--rounds N] [names]

Each round starts every engine once, in a process of its own, in an order that moves on from round to round.
GLNB_PLATFORM chooses the OpenCL runtime; each runtime has its own part of the results.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import environments
import machine
import plots
import report
from common import OURS, ROOT, Work

HERE = Path(__file__).resolve().parent
NAMES = sorted(path.stem.removeprefix("work_") for path in HERE.glob("work_*.py"))
WORKER_SECONDS = 1800


def answer_of(python: Path, name: str, engine: str, case: str | None, short: bool) -> dict[str, Any]:
    """What a worker process prints; if it breaks down, the reason as a problem."""
    command = [str(python), str(HERE / f"work_{name}.py"), engine, *(["--case", case] if case else [])]
    environment = dict(os.environ)
    # Installed packages have their bytecode; so shall the checkout, in a folder of its own.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(environments.default_folder() / "bytecode")
    if engine == OURS:  # what is measured is this checkout, whatever is installed
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [environment.get("PYTHONPATH")])])
    try:
        done = subprocess.run(
            [*command, *(["--short"] if short else [])],
            capture_output=True,
            text=True,
            env=environment,
            timeout=WORKER_SECONDS,
        )
        return json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        problem = f"stopped after {WORKER_SECONDS} s"
    except (IndexError, ValueError):
        problem = f"ended with {done.returncode}: {done.stderr[-2000:]}"
    return {"figures": {}, "problems": {case or "all": problem}, "versions": {}}


def measure(name: str, work: Work, pythons: dict[str, Path], rounds: int, short: bool) -> dict[str, Any]:
    """All rounds of a work: what `report.keep` takes."""
    start = machine.load()
    engines = [engine for engine in work.engines if engine in pythons]
    samples: dict[str, dict[str, dict[str, list[float]]]] = {case: {} for case in work.cases}
    entry: dict[str, Any] = {"title": work.title, "problems": {}, "versions": {}, "device": None}
    for i in range(rounds):
        shift = i % len(engines)
        for engine in engines[shift:] + engines[:shift]:
            begin = time.perf_counter()
            for case in work.cases if work.alone else [None]:
                answer = answer_of(pythons[engine], name, engine, case, short)
                collect(answer, engine, samples, entry)
            print(f"  round {i + 1} of {rounds}: {engine} {time.perf_counter() - begin:.0f} s", flush=True)
    return entry | {
        "figures": {
            case: {label: summary(found) for label, found in labels.items()} for case, labels in samples.items()
        },
        "units": work.units,
        "rounds": rounds,
        "date": datetime.date.today().isoformat(),
        "load": [start, machine.load()],
        "machine": machine.describe(),
        "commit": machine.commit(ROOT),
    }


def collect(answer: dict[str, Any], engine: str, samples: dict[str, Any], entry: dict[str, Any]) -> None:
    """Adds a worker's answer to the samples and to the entry."""
    for case, labels in answer["figures"].items():
        for label, found in labels.items():
            kept = samples[case].setdefault(label, {"min": [], "median": []})
            for which in kept:
                kept[which].append(found[which])
    for case, problem in answer["problems"].items():
        entry["problems"][f"{engine}, {case}"] = problem.strip().splitlines()[-1]
        print(f"  {engine}, {case}: {problem}", file=sys.stderr)
    if answer["versions"]:
        entry["versions"][engine] = answer["versions"]
    entry["device"] = answer.get("device", entry["device"])
    if "profiles" in answer:
        entry.setdefault("profiles", {}).update(answer["profiles"])


def summary(found: dict[str, list[float]]) -> dict[str, float]:
    """The minimum of the rounds' minima and the median of their medians."""
    return {"min": min(found["min"]), "median": statistics.median(found["median"])}


def find_pythons(folder: Path, short: bool) -> dict[str, Path]:
    """The interpreters by engine.

    Raises:
      SystemExit: where a peer's environment is missing, but for the short form, which goes without it.
    """
    pythons = {engine: environments.interpreter(folder, engine) for engine in (OURS, "numpy", *environments.PEERS)}
    missing = [engine for engine, python in pythons.items() if python is None]
    if missing and not short:
        raise SystemExit(f"no environment for {', '.join(missing)} in {folder}; --setup makes them")
    if missing:
        print(f"without {', '.join(missing)}: no environment in {folder}")
    return {engine: python for engine, python in pythons.items() if python is not None}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="names", help=f"of {', '.join(NAMES)}; or all")
    parser.add_argument("--setup", action="store_true", help="make the peers' environments with pip; run what is named")
    parser.add_argument("--envs", type=Path, default=environments.default_folder(), help="where they are (%(default)s)")
    for engine, requirement in environments.REQUIREMENTS.items():
        parser.add_argument(f"--{engine}", default=requirement, help="what --setup installs (%(default)s)")
    parser.add_argument("--short", action="store_true", help="small and once, only to see that all runs; keeps nothing")
    parser.add_argument("--rounds", type=int, default=5, help="how often each engine has its turn (%(default)s)")
    args = parser.parse_args()
    if unknown := [name for name in args.names if name not in NAMES]:
        parser.error(f"there is no work {', '.join(map(repr, unknown))}; there are {', '.join(NAMES)}")
    if args.rounds < 1:
        parser.error(f"--rounds must be 1 or more, not {args.rounds}")
    return args


def main() -> int:
    """Runs the works that the command line names; 1 if one of ours failed."""
    args = parse()
    if args.setup:
        environments.set_up(args.envs, {engine: vars(args)[engine] for engine in environments.PEERS})
        if not args.names:
            return 0
    pythons = find_pythons(args.envs, args.short)
    failed = False
    for name in args.names or NAMES:
        work: Work = importlib.import_module(f"work_{name}").WORK
        print(f"{name}: {work.title}", flush=True)
        entry = measure(name, work, pythons, 1 if args.short else args.rounds, args.short)
        failed = failed or any(where.startswith(f"{OURS},") for where in entry["problems"])
        print(report.details(entry), flush=True)
        if args.short or entry["device"] is None:
            continue
        runtime = entry["device"]["platform"]
        if work.growth:
            entry["plots"] = plots.draw(runtime, work.growth, entry["figures"])
        report.keep(runtime, name, entry)
    return int(failed)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted; works that were complete are kept")
