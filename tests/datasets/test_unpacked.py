"""Large data that is kept unpacked: it is what unpacking gives, whatever became of the cache."""

import gzip
import zlib

import numpy as np
import pytest

from graphlab_nb.datasets import unpacked


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("GLNB_CACHE_DIR", str(folder))
    return folder


@pytest.fixture(scope="module")
def data():
    return np.random.default_rng(0).integers(0, 256, unpacked.SMALLEST + 5, dtype=np.uint8).tobytes()


@pytest.fixture(scope="module")
def packed(data):
    return gzip.compress(data, compresslevel=1)


def test_large_data_is_unpacked_once(cache, data, packed, monkeypatch):
    assert bytes(unpacked.unpack(packed, len(data))) == data
    (kept,) = cache.iterdir()
    assert kept.read_bytes() == data
    monkeypatch.setattr(unpacked.zlib, "decompress", None)
    again = unpacked.unpack(packed, len(data))
    assert bytes(again) == data
    with pytest.raises(TypeError):
        again[0] = 1


def test_small_data_is_not_kept(cache):
    assert unpacked.unpack(gzip.compress(b"few"), 3) == b"few"
    assert not cache.exists()


@pytest.mark.parametrize("damage", [lambda d: bytes([d[0] ^ 1]) + d[1:], lambda d: d[:-1], lambda d: b""])
def test_a_damaged_cache_is_made_anew(cache, data, packed, damage):
    unpacked.unpack(packed, len(data))
    (kept,) = cache.iterdir()
    kept.write_bytes(damage(data))
    assert bytes(unpacked.unpack(packed, len(data))) == data
    assert kept.read_bytes() == data


def test_damaged_data_is_an_error_though_the_good_data_was_kept(cache, data, packed):
    unpacked.unpack(packed, len(data))
    middle = len(packed) // 2
    spoilt = packed[:middle] + bytes([packed[middle] ^ 255]) + packed[middle + 1 :]
    with pytest.raises(zlib.error):
        unpacked.unpack(spoilt, len(data))


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path, monkeypatch, data, packed):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GLNB_CACHE_DIR", str(tmp_path / "file" / "folder"))
    assert bytes(unpacked.unpack(packed, len(data))) == data
