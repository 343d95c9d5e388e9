"""The kernels' sources are found and read."""

from __future__ import annotations

import pytest

from graphlab_nb.runtime import kernels


def test_the_folder_holds_the_kernels():
    assert (kernels.kernel_dir() / "probe.cl").is_file()


def test_a_source_is_the_files_text():
    assert kernels.kernel_source("probe.cl") == (kernels.kernel_dir() / "probe.cl").read_text(encoding="utf-8")


def test_a_missing_file_is_named():
    with pytest.raises(FileNotFoundError, match=r"no_such\.cl"):
        kernels.kernel_source("no_such.cl")
