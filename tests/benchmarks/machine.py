"""What the measurements ran on."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

FEATURES = ("avx2", "fma", "avx512f", "avx512_bf16", "amx_tile")


def describe() -> dict[str, str]:
    """The processor's model, cores and vector features, memory and system."""
    facts = {"processor": platform.processor() or platform.machine(), "cores": str(os.cpu_count())}
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line.partition(":") for line in info.read_text().splitlines()]
        found = {key.strip(): value.strip() for key, _, value in lines}
        flags = set(found.get("flags", "").split())
        facts["processor"] = (
            f"{found.get('model name', facts['processor'])} "
            f"(family {found.get('cpu family', '?')}, model {found.get('model', '?')})"
        )
        facts["features"] = ", ".join(feature for feature in FEATURES if feature in flags)
        facts["memory"] = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    facts["system"] = f"{platform.system()} {platform.release()}"
    return facts


def load() -> float:
    """The load average of the last minute, 0 where the system keeps none."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def commit(root: Path) -> str:
    """The commit that is measured, with "-changed" where the library differs from it; nothing outside a repository."""

    def git(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True)

    try:
        head = git("rev-parse", "--short", "HEAD").stdout.strip()
        changed = git("diff", "--quiet", "HEAD", "--", "graphlab_nb", "kernels_cl").returncode == 1
    except OSError:
        return ""
    return f"{head}-changed" if changed else head
