"""Right and wrong answers to the exercises of notebook 08."""

import numpy as np

from graphlab_nb.notebook import Playground

SQUARES = "v=1&features=x1x1,x2x2&layers=none"
SPIRAL = "v=1&data=spiral&layers=8,8,8&activation=relu&optimizer=adam&learning_rate=0.01"


def trained(**settings):
    """A playground after some steps."""
    playground = Playground(**settings)
    playground.step(1000)
    return playground


def squares():
    return trained(features=["x1x1", "x2x2"], layers=[])


RIGHT = {
    "08.1": [f"{SQUARES}&steps=1000", f"{SQUARES}&learning_rate=0.01&steps=1500", squares],
    "08.2": [25, 25.0, np.int32(25), [25]],
    "08.3": [f"{SPIRAL}&steps=1000", f"{SPIRAL}&steps=2000", f"{SPIRAL.removesuffix('1')}03&steps=7000"],
}
WRONG = {
    "08.1": [
        f"{SQUARES}&steps=300", SQUARES, "v=1&layers=none&steps=500", "v=1&layers=3&steps=1000", f"{SPIRAL}&steps=5",
        f"{SQUARES}&steps=90000", "circle", "v=1&layers=9", 3, None, 0.99, Playground, lambda: trained(layers=[]),
    ],
    "08.2": [18, 7, 9, 0, "25", None, [25, 25], True],
    "08.3": [
        f"{SPIRAL}&steps=300", f"{SPIRAL}&steps=5000", SPIRAL, f"{SQUARES}&steps=1000",
        "v=1&data=spiral&layers=8,6&features=x1,x2,sinx1,sinx2&optimizer=adam&learning_rate=0.01&steps=2000", None, "", 1.0,
    ],
}  # fmt: skip
