"""The page's script and style: a page takes one text of each, which are written in several files."""

from __future__ import annotations

import re
from pathlib import Path

ORDER = ("words.js", "paint.js", "net.js", "surface.js", "curve.js", "controls.js", "playground.js")
"""Each file imports only from those before it."""
STYLES = ("playground.css", "net.css")
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+\.js)";\n', re.M)
_EXPORT = re.compile(r"^export (?!default)", re.M)


def joined(folder: Path) -> str:
    """The files as one module: the names that they import from each other are in one scope then.

    Raises:
      ValueError: where a file imports from one that is not before it.
    """
    parts = []
    for number, name in enumerate(ORDER):
        text = (folder / name).read_text(encoding="utf-8")
        for needed in _IMPORT.findall(text):
            if needed not in ORDER[:number]:
                raise ValueError(f"{name} imports {needed}, which is not before it")
        parts.append(f"// {name}\n" + _EXPORT.sub("", _IMPORT.sub("", text)))
    return "\n".join(parts)


def styles(folder: Path) -> str:
    """The style sheets as one."""
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in STYLES)
