"""Large pages are asked for where the system can give them, and are never needed."""

from __future__ import annotations

import mmap
import threading
from pathlib import Path

import numpy as np
import pytest

import graphlab_nb as tf
from graphlab_nb.runtime import buffer, device, held, pages

MAPS = Path("/proc/self/smaps")


def flags_at(address: int) -> list[str]:
    """The flags of the mapping that holds an address, as the system tells them."""
    inside = False
    for line in MAPS.read_text().splitlines():
        first = line.split()[0]
        if "-" in first and not first.endswith(":"):
            begin, end = (int(part, 16) for part in first.split("-"))
            inside = begin <= address < end
        elif inside and first == "VmFlags:":
            return line.split()[1:]
    raise AssertionError(f"{address:#x} is not mapped")


linux = pytest.mark.skipif(not MAPS.exists() or not hasattr(mmap, "MADV_HUGEPAGE"), reason="only Linux has smaps")


@linux
def test_what_was_asked_for_is_marked():
    memory = np.empty(4 * pages.PAGE, np.uint8)
    pages.ask_for_large_pages(memory)
    assert "hg" in flags_at(memory.ctypes.data + 2 * pages.PAGE)


@linux
def test_a_large_buffer_of_a_processor_has_them():
    import pyopencl as cl

    found = device.logical_devices()[0]
    made = buffer.new_buffer(found, buffer.LARGE, "a test")
    queue = found.make_queue()
    memory, _ = cl.enqueue_map_buffer(queue, made, cl.map_flags.WRITE, 0, (buffer.LARGE,), np.dtype(np.uint8))
    asked = "hg" in flags_at(memory.ctypes.data + buffer.LARGE // 2)
    memory.base.release(queue).wait()
    assert asked or not buffer.shares_memory(found)  # elsewhere the driver decides


def test_threads_free_what_is_gone_once():
    class Owner:
        pass

    found = device.logical_devices()[0]
    queue = type("Wrapped", (), {"queue": found.make_queue()})()
    before = len(held._held)
    owners = [Owner() for _ in range(400)]
    for owner in owners:
        buffer._shared_buffer(owner, found, queue, 64)
    del owner
    owners.clear()
    threads = [threading.Thread(target=held.free_ended) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not held._ended and len(held._held) <= before


def test_small_buffers_do_not_ask(monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []
    monkeypatch.setattr(buffer, "ask_for_large_pages", lambda memory: asked.append(memory.nbytes))
    found = device.logical_devices()[0]
    buffer.new_buffer(found, buffer.LARGE // 2, "a test")
    assert not asked
    buffer.new_buffer(found, buffer.LARGE, "a test")
    assert asked == ([buffer.LARGE] if buffer.shares_memory(found) else [])


def test_memory_too_small_for_a_large_page_is_left_alone():
    pages.ask_for_large_pages(np.empty(100, np.uint8))


def test_without_the_call_all_is_as_before(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pages, "_madvise", lambda: None)
    with tf.Graph().as_default(), tf.Session() as sess:
        x = np.arange(buffer.LARGE // 2, dtype=np.float32)
        fed = tf.placeholder(tf.float32, [None])
        np.testing.assert_array_equal(sess.run(fed + 1.0, {fed: x}), x + 1)
