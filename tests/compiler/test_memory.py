"""Memory planning: nothing alive at once overlaps, and the peak is close to what is alive at once."""

from __future__ import annotations

import random

import pytest

from graphlab_nb.compiler.memory import plan_memory
from graphlab_nb.launch import Storage


def make(spans):
    return [(Storage("arena", nbytes), first, last) for nbytes, first, last in spans]


def check(lifetimes, alignment, largest):
    places, chunks = plan_memory(lifetimes, alignment, largest)
    for i, (a, a_first, a_last) in enumerate(lifetimes):
        chunk, offset = places[a]
        assert offset % alignment == 0 and offset + a.nbytes <= chunks[chunk]
        for b, b_first, b_last in lifetimes[i + 1 :]:
            other_chunk, other = places[b]
            alive_together = a_first <= b_last and b_first <= a_last
            if alive_together and chunk == other_chunk:
                assert offset + a.nbytes <= other or other + b.nbytes <= offset
    return places, chunks


def alive_at_once(lifetimes, alignment):
    last = max(end for _, _, end in lifetimes)
    size = {s: -(-max(s.nbytes, 1) // alignment) * alignment for s, _, _ in lifetimes}
    return max(sum(size[s] for s, a, b in lifetimes if a <= step <= b) for step in range(last + 1))


def test_memory_is_shared_by_what_is_not_alive_at_once():
    _, chunks = check(make([(1000, 0, 1), (1000, 2, 3), (1000, 4, 5)]), 64, 1 << 30)
    assert chunks == [1024]


def test_chains_need_two_buffers():
    lifetimes = make([(4096, i, i + 1) for i in range(50)])
    _, chunks = check(lifetimes, 64, 1 << 30)
    assert sum(chunks) == 8192


@pytest.mark.parametrize("seed", range(8))
def test_the_peak_is_what_is_alive_at_once_plus_a_tenth(seed):
    source = random.Random(seed)
    # The shape of a training step: activations that live from the forward to the backward pass, and short-lived temporaries.
    depth = 30
    spans = []
    for layer in range(depth):
        spans.append((source.choice([1, 2, 4]) << 16, layer, 2 * depth - layer))
        spans.append((source.randint(1, 1 << 17), layer, layer + 1))
        spans.append((source.randint(1, 1 << 17), 2 * depth - layer, 2 * depth - layer + 1))
    lifetimes = make(spans)
    _, chunks = check(lifetimes, 128, 1 << 40)
    assert sum(chunks) <= 1.1 * alive_at_once(lifetimes, 128)


def test_chunks_stay_below_the_largest_allocation():
    lifetimes = make([(600, 0, 5)] * 7)
    _, chunks = check(lifetimes, 64, 2048)
    assert len(chunks) == 3 and max(chunks) <= 2048


def test_empty_storages_have_a_place():
    places, chunks = check(make([(0, 0, 1), (0, 0, 1)]), 64, 1024)
    assert len(places) == 2 and sum(chunks) == 128
