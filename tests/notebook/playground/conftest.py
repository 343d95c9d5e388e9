"""Playgrounds that tests make: what they send is kept, and they are closed in the end."""

from __future__ import annotations

import pytest

from graphlab_nb.notebook import Playground


@pytest.fixture
def make():
    made = []

    def build(*args, **settings):
        playground = Playground(*args, **settings)
        playground.sent = []
        playground.send = lambda content, buffers=None: playground.sent.append((content, buffers))
        made.append(playground)
        return playground

    yield build
    for playground in made:
        playground.close()
