"""The tutorials' notebooks: copying them, and opening JupyterLab on the copies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = "graphlab_nb_tutorials"


def sources() -> list[Path]:
    """The notebooks, inside the package when installed, beside it in a source checkout.

    Raises:
      FileNotFoundError: naming both places, if neither is there.
    """
    package = Path(__file__).resolve().parent
    places = (package / "tutorial_notebooks", package.parent / "notebooks")
    for place in places:
        found = sorted(place.glob("*.ipynb"))
        if found:
            return found
    raise FileNotFoundError(f"The notebooks are missing: neither {places[0]} nor {places[1]} has any")


def copy(folder: str) -> tuple[list[str], list[str]]:
    """Copies the notebooks to a folder, made where it is missing; returns the names of new ones and of those left as they were.

    A notebook that is there already is the user's, and stays.

    Raises:
      OSError: where the folder cannot be made or written.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    new, kept = [], []
    for source in sources():
        if (target / source.name).exists():
            kept.append(source.name)
        else:
            shutil.copyfile(source, target / source.name)
            new.append(source.name)
    return new, kept


def open_lab(folder: str, arguments: list[str]) -> int:
    """Runs JupyterLab on a folder until it ends, and returns its exit code.

    Where the system has it, this process becomes JupyterLab: what ends one ends the other, whichever signal it is.
    """
    first = sources()[0].name
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={Path(folder).resolve()}"]
    command += [f"--LabApp.default_url=/lab/tree/{first}", *arguments]
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(command[0], command)
    return subprocess.run(command, check=False).returncode
