"""The exercises of notebook 08: a circle without hidden layers, counting weights, the spiral of two inputs."""

from __future__ import annotations

from typing import Any

from graphlab_nb.notebook.exercises import UnfitError, exercise
from graphlab_nb.notebook.exercises.forms import numbers, same
from graphlab_nb.notebook.playground.state import State
from graphlab_nb.notebook.playground.training import Training

MOST_STEPS = 20_000
"""Steps that a state may have to be tried here."""
ENOUGH = 0.95


def judged(answer: Any) -> tuple[State, float] | str:
    """The state of a playground or a string, and which part of its test points it tells right; or what is wrong with it.

    Raises:
      UnfitError: for a text that is no state.
    """
    text = answer if isinstance(answer, str) else getattr(answer, "state", None)
    if not isinstance(text, str):
        return "The answer is to be a playground, or its state: a text that begins with v=1"
    try:
        state = State.parse(text)
    except (TypeError, ValueError) as error:
        raise UnfitError(f"The text is not the state of a playground: {error}") from None
    if state.steps > MOST_STEPS:
        return f"It made {state.steps:,} steps; {MOST_STEPS:,} must be enough"
    training = Training(state)
    try:
        while training.behind:
            training.make_step()
        return state, training.judge()[3]
    finally:
        training.close()


def _told(answer: Any, data: str) -> State | str:
    """The state of an answer that is good enough on some data, or what is wrong with it."""
    found = judged(answer)
    if isinstance(found, str):
        return found
    state, right = found
    if state.data != data:
        return f"It learns {state.data}, and {data} is asked for"
    if not state.steps:
        return "It has made no step yet"
    return state if right >= ENOUGH else f"It tells {right:.1%} of the test points right"


@exercise("08.1", hint="How far a point is from the middle is the root of x1 squared plus x2 squared.")
def a_circle_without_layers(answer: Any) -> str | None:
    """A net without hidden layers that tells the circle's classes apart."""
    state = _told(answer, "circle")
    if isinstance(state, str):
        return state
    return f"It has {len(state.layers)} hidden layers, and is to have none" if state.layers else None


@exercise("08.2", hint="Each neuron has a weight for each of its inputs, and one bias.")
def weights_and_biases(answer: Any) -> str | None:
    """How many numbers a net 2-4-2-1 learns."""
    found = numbers(answer)
    if found is None:
        return "The answer is to be one number"
    if same(found, [25]):
        return None
    if same(found, [18]):
        return "Those are the weights; there are biases, too"
    if same(found, [7]):
        return "Those are the biases; there are weights, too"
    return f"There are not {found[0]:g}"


@exercise(
    "08.3",
    hint="Three layers of eight neurons, ReLU and Adam with a rate of 0.01 are a good beginning. Pause it once it is right, "
    "after 1,000 to 2,500 steps: later ones can spoil it. A rate of 0.003 needs more steps, and is steadier.",
)
def the_spiral(answer: Any) -> str | None:
    """The spiral, of the two coordinates alone."""
    state = _told(answer, "spiral")
    if isinstance(state, str):
        return state
    more = sorted(set(state.features) - {"x1", "x2"})
    return f"It has the input {more[0]}, and is to have x1 and x2 alone" if more else None
