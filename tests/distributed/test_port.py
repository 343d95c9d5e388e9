"""What a port does for several clients at once."""

from __future__ import annotations

import threading
from types import SimpleNamespace

from graphlab_nb.distributed.port import _collectors

PIECES = 5


def pieces(name: bytes) -> list[SimpleNamespace]:
    return [SimpleNamespace(chunk_id=k, total_chunks=PIECES, data=name * (k + 1)) for k in range(PIECES)]


def test_large_requests_of_several_clients_do_not_mix():
    for collector in _collectors():
        meet, found = threading.Barrier(2, timeout=30), {}

        def send(name: bytes, number: int, collector=collector, meet=meet, found=found) -> None:
            ready = []
            for piece in pieces(name):
                meet.wait()
                ready.append(collector.add_chunk(SimpleNamespace(req_id=number), piece))
                meet.wait()
            found[name] = ready, bytes(collector.data)

        threads = [threading.Thread(target=send, args=(name, k)) for k, name in enumerate((b"a", b"b"))]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        whole = sum(range(1, PIECES + 1))
        assert found == {name: ([False] * (PIECES - 1) + [True], name * whole) for name in (b"a", b"b")}


def test_a_client_that_went_in_the_middle_leaves_nothing():
    collector = _collectors()[0]
    for piece in pieces(b"a")[:3]:
        collector.add_chunk(SimpleNamespace(req_id=4), piece)
    done = [collector.add_chunk(SimpleNamespace(req_id=2), piece) for piece in pieces(b"b")]
    assert done[-1] and bytes(collector.data) == b"b" * 15
