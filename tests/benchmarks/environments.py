"""The peers' environments: made with pip in a cache folder, one each, so that no peer changes what we run in."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

# On Linux a plain "torch" is a CUDA build of gigabytes. The local version "+cpu" matches CPU builds alone: where pip's
# index has none, point PIP_EXTRA_INDEX_URL or PIP_FIND_LINKS at CPU builds, or ask for another requirement.
REQUIREMENTS = {
    "tensorflow": "tensorflow-cpu==2.21.0",
    "torch": "torch==2.13.0+cpu" if sys.platform == "linux" else "torch==2.13.0",
}
COMMON = ("numpy",)
PEERS = tuple(REQUIREMENTS)


def default_folder() -> Path:
    """Where environments go when nobody says: below the user's cache folder."""
    base = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    return Path(base or Path.home() / ".cache") / "graphlab_nb" / "benchmarks"


def interpreter(folder: Path, engine: str) -> Path | None:
    """The Python of a peer's environment, if it has been set up; ours for every other engine."""
    if engine not in REQUIREMENTS:
        return Path(sys.executable)
    python = folder / engine / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return python if (folder / engine / "ready").exists() else None


def set_up(folder: Path, requirements: dict[str, str]) -> None:
    """Makes an environment for each peer; one that holds what is asked for already is left as it is.

    Raises:
      SystemExit: where pip fails; its own words stand above.
    """
    for engine, requirement in requirements.items():
        place = folder / engine
        ready = place / "ready"
        if ready.exists() and ready.read_text() == requirement:
            print(f"{engine}: {requirement} is set up in {place}")
            continue
        print(f"{engine}: installing {requirement} into {place}", flush=True)
        venv.create(place, with_pip=True, clear=True)
        pip = [str(place / ("Scripts" if os.name == "nt" else "bin") / "python"), "-m", "pip", "install", "--quiet"]
        done = subprocess.run([*pip, requirement, *COMMON])
        if done.returncode:
            raise SystemExit(f"{engine}: pip could not install {requirement!r}; --{engine} takes another requirement")
        ready.write_text(requirement)
