"""What tests of notebooks share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import graphlab_nb as tf
from graphlab_nb.graph import places
from graphlab_nb.graph.graph import DEFAULTS
from graphlab_nb.notebook import executions
from tests.notebook.shells import Shell


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    """A shell that has loaded the magics, with an empty default graph."""
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.colors = "nocolor"
    settings.InteractiveShell.xmode = "Context"
    before = list(places.LINES), list(places.CELLS)
    tf.reset_default_graph()
    made = InteractiveShell.instance(config=settings)
    ours = Shell(made, capsys)
    ours.run("import graphlab_nb as tf\n%load_ext graphlab_nb", "first")
    yield ours
    while DEFAULTS.sessions:
        DEFAULTS.sessions[-1].close()
    InteractiveShell.clear_instance()
    executions.EXECUTIONS = None
    places.LINES[:], places.CELLS[:] = before
    tf.reset_default_graph()
