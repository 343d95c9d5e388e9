"""Runs notebooks and saves them with their outputs: `python -m tests.notebooks.refresh [--short] [NAME ...]`.

What is saved comes from long trainings (GLNB_LONG=1), and reads well where nothing runs: no live widgets, no times, no paths;
see `flaws` for what it may not have.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
LARGEST = 2_500_000
"""Bytes that a saved notebook may have."""
LONGEST = 60
"""Lines of text that a cell may print."""
WIDGET = "application/vnd.jupyter.widget-view+json"


def notebooks(names: list[str] | None = None) -> list[Path]:
    """The tutorials, or those whose names begin with one of `names`."""
    found = sorted(FOLDER.glob("*.ipynb"))
    return [p for p in found if not names or any(p.name.startswith(name) for name in names)]


def execute(path: Path, short: bool, seconds: float = 600) -> Any:
    """A notebook as it is after it ran in an empty folder, by this checkout's module: long trainings, or few steps."""
    notebook = nbformat.read(path, as_version=4)
    lengths = {"GLNB_SHORT": "1", "GLNB_LONG": "0"} if short else {"GLNB_SHORT": "0", "GLNB_LONG": "1"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **lengths}
    environment.pop("MPLBACKEND", None)  # the kernel's own backend puts pictures into outputs
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook, timeout=seconds, kernel_name="python3", resources={"metadata": {"path": folder}}
        )
        client.execute(env=environment)
    return notebook


def tidy(notebook: Any) -> Any:
    """Takes out of a notebook what is of this run only."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
    }
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"c{number:02}"
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in ("tags", "jupyter")}
        outputs = []
        for output in cell.get("outputs", []):
            output.pop("transient", None)
            data = output.get("data")
            if data is not None and WIDGET in data:
                del data[WIDGET]
                if not set(data) - {"text/plain"}:
                    continue  # nothing of it can be seen without a kernel
            outputs.append(output)
        if cell.cell_type == "code":
            cell.outputs = outputs
    return notebook


def pictures(notebook: Any) -> int:
    """How many outputs are pictures."""
    kinds = ("image/png", "image/svg+xml", "image/jpeg")
    data = [o.get("data", {}) for c in notebook.cells for o in c.get("outputs", [])]
    return sum(any(kind in d for kind in kinds) or "<svg" in "".join(d.get("text/html", "")) for d in data)


def flaws(notebook: Any) -> list[str]:
    """What a reader without a kernel would stumble over."""
    found = []
    text = nbformat.writes(notebook)
    for match in sorted({m.group() for m in re.finditer(r"(/home/|/root/|/tmp/|/Users/|[A-Z]:\\\\)[\w./-]*", text)}):
        found.append(f"holds the path {match}")
    if len(text) > LARGEST:
        found.append(f"has {len(text):,} bytes, more than {LARGEST:,}")
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            where = f"cell {number}"
            if output.output_type == "error":
                found.append(f"{where}: {output.ename}: {output.evalue}")
            if output.output_type == "stream":
                if output.name == "stderr":
                    found.append(f"{where} writes to stderr: {output.text[:200]}")
                if output.text.count("\n") > LONGEST:
                    found.append(f"{where} prints {output.text.count(chr(10))} lines")
            if WIDGET in output.get("data", {}):
                found.append(f"{where} holds a widget")
        if cell.cell_type == "code" and cell.source.strip() and cell.get("execution_count") is None:
            found.append(f"cell {number} was not run")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="how the notebooks' names begin: 02 (default: all)")
    parser.add_argument("--short", action="store_true", help="run them with GLNB_SHORT=1 and save nothing")
    arguments = parser.parse_args()
    for path in notebooks(arguments.names):
        begin = time.perf_counter()
        notebook = tidy(execute(path, arguments.short, 7200))
        print(
            f"{path.name}: {time.perf_counter() - begin:.0f} s, {pictures(notebook)} pictures",
            *flaws(notebook),
            sep="\n  ",
        )
        if not arguments.short:
            nbformat.validate(notebook)
            nbformat.write(notebook, path)


if __name__ == "__main__":
    main()
