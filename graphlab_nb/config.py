"""The one table of environment variables that graphlab_nb reads (README shows the same table)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, what it stands at when unset, what it does, and what it may be, if not anything."""

    name: str
    default: str
    help: str
    choices: tuple[str, ...] = ()

    @property
    def value(self) -> str:
        """What the environment says now, or the default.

        Raises:
          ValueError: for what it may not be.
        """
        value = os.environ.get(self.name, self.default)
        if self.choices and value not in self.choices:
            raise ValueError(f"{self.name} is {value!r}; it may be {' or '.join(map(repr, self.choices))}")
        return value


SWITCH = ("0", "1")


PLATFORM = Setting("GLNB_PLATFORM", "", "use only OpenCL platforms whose name contains this text (any case)")
CACHE_DIR = Setting(
    "GLNB_CACHE_DIR",
    "",
    "folder for compiled kernels, the device probe's verdicts, the vendors folder, tuning results and unpacked images",
)
PROBE = Setting(
    "GLNB_PROBE",
    "cached",
    "'always' probes every device anew instead of trusting the cached verdict",
    ("cached", "always"),
)
MASK = Setting(
    "GLNB_MASK",
    "",
    "abilities to hide from devices, for tests: such as 'gpu:float64' or 'cpu:float16'; "
    "'cpu:as-gpu' shows the first CPU as one more GPU, in a context of its own",
)

WINOGRAD = Setting(
    "GLNB_WINOGRAD",
    "1",
    "'0' computes convolutions directly also where Winograd's algorithm is faster and less precise",
    SWITCH,
)

CUT = Setting(
    "GLNB_CUT", "1", "'0' computes whole batches at once also where intermediate results take much memory", SWITCH
)

FUSE = Setting("GLNB_FUSE", "1", "'0' computes each operation by a kernel of its own", SWITCH)

FORM = Setting(
    "GLNB_FORM",
    "",
    "'gpu' makes processors take the kernels' form for GPUs, for tests; by default a device's type chooses",
)

SHORT = Setting(
    "GLNB_SHORT", "0", "'1' has the tutorials' notebooks train for few steps, to try whether they run", SWITCH
)

LONG = Setting(
    "GLNB_LONG", "0", "'1' has the tutorials' notebooks train as long as for the figures in their saved files", SWITCH
)

SETTINGS = (PLATFORM, CACHE_DIR, PROBE, MASK, WINOGRAD, CUT, FUSE, FORM, SHORT, LONG)


def cache_dir() -> Path:
    """The per-user folder for what graphlab_nb keeps between processes; not created here."""
    if CACHE_DIR.value:
        return Path(CACHE_DIR.value)
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "graphlab_nb"
