"""The still picture of a playground, which the saved notebook keeps: the net, the surface or test digits, the losses."""

from __future__ import annotations

import math

import numpy as np

from graphlab_nb.notebook import svg
from graphlab_nb.notebook.chart import ticks
from graphlab_nb.notebook.playground.state import CLASSES, DIGITS, PIXELS, REACH
from graphlab_nb.notebook.playground.training import SIDE, Training

_EDGE, _TOP = 16.0, 66.0
_SIZE, _GAP, _STEP = 34.0, 12.0, 92.0
"""Of a neuron's picture; between two of them; from layer to layer."""
_SURFACE = 190.0
_CURVE = 96.0
_NARROWEST = 500.0
_DIGITS_TALL, _LARGEST_SIZE = 490.0, 56.0
"""Of MNIST's columns of pictures, and of a picture in them."""
_ASIDE, _ACROSS, _TILE = 54.0, 10, (32, 43)
"""Of the test digits: how far they stand from the net, how many a row has, and the room of one; below it is its answer."""
_DIGITS_WIDE, _DIGITS_DOWN = float(_ACROSS * _TILE[0]), 7
_FEATURES = {
    "x1": "x\u2081", "x2": "x\u2082", "x1x1": "x\u2081\u00b2", "x2x2": "x\u2082\u00b2", "x1x2": "x\u2081x\u2082",
    "sinx1": "sin x\u2081", "sinx2": "sin x\u2082",
}  # fmt: skip
_MOST_POINTS = 300


def draw(training: Training) -> tuple[str, str]:
    """The picture of a training as it stands, and what it shows in a line of text."""
    state = training.state
    digits = state.kind == DIGITS
    learned, _, test, right = training.judge()
    layers = training.pictures()
    values = training.net.values()
    words = [f"step {state.steps:,}", f"loss {_told(learned)} learned, {_told(test)} test"]
    if not math.isnan(right):
        words.append(f"{right:.1%} of the test right")
    shape = "-".join("784 pixels" if width == PIXELS else str(width) for width in state.widths)
    title = f"Playground: {state.data.replace('_', ' ')}, net {shape}"
    label = f"{title}; {', '.join(words)}"
    body = [
        svg.text(_EDGE, 28, title, "h"),
        svg.text(_EDGE, 48, " \u00b7 ".join(words), "f", room=_NARROWEST - 2 * _EDGE),
    ]

    if digits:
        drawn, wide, tallest = _of_digits(training, layers)
        return svg.picture(wide, _TOP + tallest + _EDGE, label, [*body, *drawn]), label
    columns = [[_square(picture) for picture in layer.T] for layer in layers[:-1]]
    tallest = max(_SURFACE + _CURVE, max(len(column) for column in columns) * (_SIZE + _GAP)) if columns else _SURFACE
    top = _TOP + (tallest - _SURFACE - _CURVE) / 2
    wide = max(96.0 + len(columns) * _STEP + _SURFACE + _EDGE, _NARROWEST)
    x = wide - _SURFACE - _EDGE
    left = x - len(columns) * _STEP
    places = [_column(left + k * _STEP, len(column), tallest) for k, column in enumerate(columns)]
    body += _links(values, places, (x, top + _SURFACE / 2))
    body += _neurons(columns, places)
    for name, (across, y, size) in zip(state.features, places[0], strict=True):
        body.append(svg.text(across - 8, y + size / 2 + 4, _FEATURES[name], "", "end"))
    body += _surface(training, layers[-1], x, top)
    body += _losses(training, x, top + _SURFACE + 12, _SURFACE)
    return svg.picture(wide, _TOP + tallest + _EDGE + 12, label, body), label


def _of_digits(training: Training, layers: list[np.ndarray]) -> tuple[list[str], float, float]:
    """For MNIST: the net on the left, and on the right test digits with what it says; how wide and tall both are together."""
    values = training.net.values()
    columns = [[_pixels(image) for image in values[0][0].T]]
    columns += [[_square(picture) for picture in layer.T] for layer in layers[1:]]
    step = max(_LARGEST_SIZE + 46, min(3 * _LARGEST_SIZE, 600 / len(columns)))
    tall = _DIGITS_TALL - 36
    places = [_column(_EDGE + k * step, len(column), tall, 36, _LARGEST_SIZE) for k, column in enumerate(columns)]
    body = [svg.text(_EDGE, _TOP + 14, "weights of the pixels", "f s")]
    if len(columns) > 1:
        body.append(svg.text(places[-1][0][0], _TOP + 14, "answers", "f s"))
    body += _links(values[1:], places, (0.0, 0.0))
    body += _neurons(columns, places)
    for digit, (across, y, size) in enumerate(places[-1]):
        body.append(svg.text(across + size + 8, y + size / 2 + 4, str(digit), ""))
    x = max(places[-1][0][0] + places[-1][0][2] + _ASIDE, _EDGE + 3 * _LARGEST_SIZE)
    body.append(svg.text(x, _TOP + 14, "test digits, and what the net says", "f s"))
    body += _digits(training, layers[-1].argmax(1), x, _TOP + 28)
    body += _losses(training, x, _TOP + 28 + _DIGITS_DOWN * _TILE[1] + 44, _DIGITS_WIDE)
    return body, x + _DIGITS_WIDE + _EDGE, _DIGITS_TALL


def _neurons(
    columns: list[list[tuple[np.ndarray, float]]], places: list[list[tuple[float, float, float]]]
) -> list[str]:
    """Each neuron's picture at its place."""
    out = []
    for column, where in zip(columns, places, strict=True):
        for (numbers, limit), (across, y, size) in zip(column, where, strict=True):
            out.append(f'<rect class="p" x="{across:.1f}" y="{y:.1f}" width="{size:.1f}" height="{size:.1f}"/>')
            out.append(svg.image(across, y, size, size, svg.heat(numbers, limit)))
    return out


def _digits(training: Training, answers: np.ndarray, x: float, y: float) -> list[str]:
    """Test digits, a column for each class, in one image; below each what the net takes it for, and red where that is wrong."""
    pixels, side = training.places(), math.isqrt(PIXELS)
    each = len(pixels) // _ACROSS
    wide, high = _TILE
    sheet = np.zeros((_DIGITS_DOWN * high, _ACROSS * wide))
    out = []
    for row in range(_DIGITS_DOWN):
        for digit in range(_ACROSS):
            number = digit * each + row
            top, left = row * high, digit * wide + (wide - side) // 2
            sheet[top : top + side, left : left + side] = pixels[number].reshape(side, side)
            kind = "f s" if answers[number] == digit else "w s"
            out.append(svg.text(x + (digit + 0.5) * wide, y + top + side + 10, str(answers[number]), kind, "middle"))
    return [svg.image(x, y, sheet.shape[1], sheet.shape[0], svg.heat(sheet, 1.0)), *out]


def _told(loss: float) -> str:
    return "\u2013" if math.isnan(loss) else svg.number(loss)


def _pixels(image: np.ndarray) -> tuple[np.ndarray, float]:
    side = math.isqrt(PIXELS)
    return image.reshape(side, side), float(np.abs(svg.finite(image)).max(initial=0.0))


def _square(picture: np.ndarray) -> tuple[np.ndarray, float]:
    side = math.isqrt(len(picture))
    return picture.reshape(side, side), float(np.abs(svg.finite(picture)).max(initial=1.0))


def _column(
    x: float, count: int, tall: float, down: float = 0.0, most: float = _SIZE
) -> list[tuple[float, float, float]]:
    """Where the pictures of a layer are, and how large: as tall as there is room for, up to `most`."""
    size = max(min(most, tall / count - _GAP), _SIZE)
    first = _TOP + down + (tall - count * (size + _GAP) + _GAP) / 2
    return [(x, first + k * (size + _GAP), size) for k in range(count)]


def _links(
    values: list[tuple[np.ndarray, np.ndarray]],
    places: list[list[tuple[float, float, float]]],
    end: tuple[float, float],
) -> list[str]:
    """Lines from neuron to neuron: the thicker the larger the weight, blue above zero and red below."""
    out = []
    for (weights, _), froms, number in zip(values, places, range(len(places)), strict=False):
        tos = places[number + 1] if number + 1 < len(places) else [(*end, 0.0)]
        for row, (x, y, size) in enumerate(froms):
            for column, (x2, y2, size2) in enumerate(tos):
                weight = float(weights[row, column])
                if not math.isfinite(weight):
                    continue
                wide = 0.4 + min(abs(weight), 4.0) * 1.4
                colour = svg.POSITIVE if weight > 0 else svg.NEGATIVE
                a, b, middle = x + size, y + size / 2, (x + size + x2) / 2
                down = y2 + size2 / 2
                out.append(
                    f'<path d="M{a:.1f} {b:.1f}C{middle:.1f} {b:.1f} {middle:.1f} {down:.1f} {x2:.1f} {down:.1f}" '
                    f'fill="none" stroke="{colour}" stroke-opacity=".7" stroke-width="{wide:.2f}"/>'
                )
    return out


def _surface(training: Training, output: np.ndarray, x: float, y: float) -> list[str]:
    out = [f'<rect class="p" x="{x:.1f}" y="{y:.1f}" width="{_SURFACE}" height="{_SURFACE}"/>']
    out.append(svg.image(x, y, _SURFACE, _SURFACE, svg.heat(output.reshape(SIDE, SIDE) * 0.75, 1.0)))
    where, truth = training.data[0][:_MOST_POINTS], training.data[1][:_MOST_POINTS, 0]
    classes = training.state.kind == CLASSES
    for point, value in zip(where.tolist(), truth.tolist(), strict=True):
        across, down = x + (point[0] + REACH) / 12 * _SURFACE, y + (REACH - point[1]) / 12 * _SURFACE
        strength = 1.0 if classes else 0.25 + 0.75 * abs(value)
        colour = svg.POSITIVE if value > 0 else svg.NEGATIVE
        out.append(
            f'<circle cx="{across:.1f}" cy="{down:.1f}" r="2.4" fill="{colour}" fill-opacity="{strength:.2f}" '
            'stroke="#fff" stroke-width=".7"/>'
        )
    return out


def _losses(training: Training, x: float, y: float, wide: float) -> list[str]:
    """The curves of both losses."""
    curve = np.array(training.curve, np.float64).reshape(-1, 3)
    high, left = _CURVE - 34.0, 34.0
    values = svg.finite(curve[:, 1:])
    most = float(values.max(initial=0.0)) * 1.05 or 1.0
    last = max(training.step, 1)
    out = [f'<path class="r" d="M{x + left:.1f} {y:.1f}v{high:.1f}h{wide - left:.1f}"/>']
    for tick in ticks(0.0, most, 3):
        out.append(svg.text(x + left - 5, y + high * (1 - tick / most) + 4, svg.number(tick), "f s", "end"))
    for column, colour in ((1, svg.LINES[2]), (2, svg.LINES[4])):
        good = np.abs(curve[:, column]) < 1e300
        across = x + left + curve[good, 0] / last * (wide - left)
        down = y + high * (1 - curve[good, column] / most)
        steps = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(across, down, strict=True))
        if good.sum() > 1:
            out.append(f'<path d="M{steps}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
    for at, words, colour in ((0.0, "learned", svg.LINES[2]), (60.0, "test", svg.LINES[4])):
        out.append(
            f'<rect x="{x + left + at:.1f}" y="{y + high + 12:.1f}" width="10" height="3" fill="{colour}"/>'
            + svg.text(x + left + at + 14, y + high + 17, words, "f s")
        )
    return out
