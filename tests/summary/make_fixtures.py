"""Records what TensorFlow makes of inputs.py: `python -m tests.summary.make_fixtures tests/fixtures/summaries`.

Made with TensorFlow 2.21's 1.x API. summaries.json has the bytes that each summary operation gave, as base64; events.tfevents is the
file that its FileWriter wrote of them, at steps 0, 1, 2 and so on.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.summary.inputs import HISTOGRAMS, PICTURES, SCALARS


def made() -> Iterator[tuple[str, Any]]:
    raw = tf.raw_ops
    for name, (tags, values) in SCALARS.items():
        yield f"scalar {name}", raw.ScalarSummary(tags=tags, values=values)
    for name, values in HISTOGRAMS.items():
        yield f"histogram {name}", raw.HistogramSummary(tag=name, values=values)
    for name, pictures in PICTURES.items():
        yield f"image {name}", raw.ImageSummary(tag=name, tensor=pictures, max_images=1 if name == "half" else 3)
    yield "merge", raw.MergeSummary(inputs=[raw.ScalarSummary(tags=t, values=float(k)) for k, t in enumerate("xyz")])


if __name__ == "__main__":
    import tensorflow as tf

    folder = Path(sys.argv[1])
    found = {}
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        for name, summary in made():
            found[name] = session.run(summary)
        writer = tf.compat.v1.summary.FileWriter(str(folder))
        for step, data in enumerate(found.values()):
            writer.add_summary(data, step)
        writer.close()
    text = {name: base64.b64encode(data).decode() for name, data in found.items()}
    (folder / "summaries.json").write_text(json.dumps(text, indent=1) + "\n")
    next(folder.glob("events.out*")).rename(folder / "events.tfevents")
