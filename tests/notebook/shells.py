"""An IPython shell in this process, as a terminal has it, whose cells have ids as a notebook's have."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import graphlab_nb as tf


class Shell:
    """Runs cells, and says what they printed and gave."""

    def __init__(self, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]):
        self.shell = shell
        self.names = shell.user_ns
        self._capsys = capsys

    def run(self, code: str, cell: str | None = None) -> Any:
        """Runs a cell that must not fail; returns what it gave."""
        self._capsys.readouterr()
        result = self.shell.run_cell(code, store_history=True, cell_id=cell)
        self.printed, self.warned = self._capsys.readouterr()
        assert result.success, self.printed
        return result.result

    def fails(self, code: str, cell: str | None = None) -> str:
        """Runs a cell that must fail; returns what is shown of it."""
        self._capsys.readouterr()
        self.result = self.shell.run_cell(code, store_history=True, cell_id=cell)
        self.printed, self.warned = self._capsys.readouterr()
        assert not self.result.success, self.printed
        return self.printed + self.warned

    @property
    def count(self) -> int:
        """The number of the cell that ran last."""
        return len(self.names["In"]) - 1

    def variables(self) -> list[str]:
        return [v.op.name for v in tf.global_variables()]
