"""MNIST's reader: the packaged data, the order of batches, and files that are not what they should be."""

import gzip
import struct

import numpy as np
import pytest

from graphlab_nb import dtypes
from graphlab_nb.datasets import mnist
from graphlab_nb.errors import DataLossError


@pytest.fixture(scope="module")
def data():
    return mnist.read_data_sets("no such folder", one_hot=True, seed=1)


def idx_images(images):
    return struct.pack(">4I", 2051, *images.shape) + images.tobytes()


def idx_labels(labels):
    return struct.pack(">2I", 2049, len(labels)) + labels.tobytes()


def small_images(n, rows=3, columns=2):
    return np.arange(n * rows * columns, dtype=np.uint8).reshape(n, rows, columns)


def small_set(n=10, **options):
    """A data set whose i-th image and label are all i."""
    images = np.repeat(np.arange(n, dtype=np.uint8), 6).reshape(n, 3, 2, 1)
    return mnist.DataSet(images, np.arange(n), dtype=np.uint8, **options)


def labels_of(data_set, batch_size, **options):
    images, labels = data_set.next_batch(batch_size, **options)
    np.testing.assert_array_equal(images, np.repeat(labels, 6).reshape(-1, 6))
    return list(labels)


def test_the_packaged_data_has_the_known_sizes_and_values(data):
    assert data.train.images.shape == (55000, 784) and data.train.labels.shape == (55000, 10)
    assert data.validation.images.shape == (5000, 784) and data.test.images.shape == (10000, 784)
    assert data.train.images.dtype == np.float32
    assert data.test.images.min() == 0.0 and data.test.images.max() == 1.0
    # The published means and counts of the data.
    assert data.train.images.mean() == pytest.approx(0.1307, abs=2e-4)
    assert data.test.labels.sum(axis=0).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    first = mnist.read_data_sets(None, validation_size=5).validation.labels
    assert first.dtype == np.uint8 and first.tolist() == [5, 0, 4, 1, 9]


def test_uint8_unreshaped_images_are_the_files_bytes(data):
    raw = mnist.read_data_sets("", dtype=dtypes.uint8, reshape=False)
    assert raw.test.images.shape == (10000, 28, 28, 1) and raw.test.images.dtype == np.uint8
    np.testing.assert_allclose(raw.test.images.reshape(-1, 784)[:100] / 255.0, data.test.images[:100], rtol=1e-6)
    images, labels = raw.test.next_batch(3, shuffle=False)
    assert images.shape == (3, 28, 28, 1) and images.dtype == np.uint8
    assert labels.tolist() == [7, 2, 1]


def test_batches_are_rows_of_images_with_their_labels(data):
    images, labels = data.test.next_batch(50)
    assert images.dtype == np.float32 and images.shape == (50, 784)
    for image, label in zip(images[:5], labels[:5], strict=True):
        rows = np.flatnonzero((data.test.images == image).all(axis=1))
        assert rows.size and any((data.test.labels[row] == label).all() for row in rows)


def test_an_epoch_serves_every_example_once_and_the_next_has_another_order():
    data_set = small_set(seed=3)
    first = labels_of(data_set, 5) + labels_of(data_set, 5)
    assert sorted(first) == list(range(10)) and first != list(range(10))
    assert data_set.epochs_completed == 0
    second = labels_of(data_set, 5) + labels_of(data_set, 5)
    assert data_set.epochs_completed == 1
    assert sorted(second) == list(range(10)) and second != first


def test_a_batch_joins_the_rest_of_an_epoch_with_the_start_of_the_next():
    data_set = small_set(seed=3)
    served = [label for _ in range(5) for label in labels_of(data_set, 4)]
    assert data_set.epochs_completed == 1
    assert sorted(served[:10]) == sorted(served[10:]) == list(range(10))


def test_a_batch_may_span_several_epochs():
    data_set = small_set(seed=3)
    served = labels_of(data_set, 25)
    assert sorted(served[:10]) == sorted(served[10:20]) == list(range(10))
    assert sorted(served[20:] + labels_of(data_set, 5)) == list(range(10))
    assert data_set.epochs_completed == 2


def test_without_shuffle_batches_come_in_the_files_order():
    data_set = small_set()
    assert labels_of(data_set, 4, shuffle=False) == [0, 1, 2, 3]
    assert labels_of(data_set, 8, shuffle=False) == [4, 5, 6, 7, 8, 9, 0, 1]


def test_the_order_is_tensorflows_for_the_same_generator():
    random = np.random.RandomState(7)
    images = np.arange(10)
    expected = []
    for _ in range(3):
        permutation = np.arange(10)
        random.shuffle(permutation)
        images = images[permutation]
        expected += images.tolist()
    seeded = small_set(seed=7)
    assert [label for _ in range(6) for label in labels_of(seeded, 5)] == expected
    state = np.random.get_state()
    try:
        np.random.seed(7)
        unseeded = small_set()
        assert [label for _ in range(10) for label in labels_of(unseeded, 3)] == expected
    finally:
        np.random.set_state(state)


def test_batches_kept_by_the_caller_stay_as_they_are():
    data_set = small_set(seed=1)
    kept = data_set.next_batch(4)
    copies = [part.copy() for part in kept]
    for _ in range(20):
        data_set.next_batch(4)
    for part, copy in zip(kept, copies, strict=True):
        np.testing.assert_array_equal(part, copy)


def test_fake_data_needs_no_files():
    fake = mnist.read_data_sets(None, fake_data=True, one_hot=True)
    images, labels = fake.train.next_batch(3, fake_data=True)
    assert fake.train.num_examples == 10000
    assert len(images) == 3 and images[0] == [1] * 784 and labels[2] == [1] + [0] * 9
    assert mnist.read_data_sets(None, fake_data=True).test.next_batch(2)[1] == [0, 0]


def test_files_in_train_dir_come_before_the_packaged_ones(tmp_path):
    images, labels = small_images(20), np.arange(20, dtype=np.uint8) % 10
    (tmp_path / mnist.TEST_IMAGES).write_bytes(gzip.compress(idx_images(images)))
    (tmp_path / mnist.TEST_LABELS).write_bytes(gzip.compress(idx_labels(labels)))
    read = mnist.read_data_sets(tmp_path, dtype=dtypes.uint8, reshape=False, validation_size=0)
    np.testing.assert_array_equal(read.test.images[..., 0], images)
    assert read.test.labels.tolist() == labels.tolist()
    assert read.train.num_examples == 60000 and read.validation.num_examples == 0


def test_images_and_labels_that_do_not_belong_together_are_an_error(tmp_path):
    (tmp_path / mnist.TEST_LABELS).write_bytes(gzip.compress(idx_labels(np.zeros(3, np.uint8))))
    with pytest.raises(DataLossError, match=r"t10k-images.* has 10000 images, but .*t10k-labels.* has 3 labels"):
        mnist.read_data_sets(tmp_path)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda packed: b"", r"starts with b'' at byte 0, expected a gzip file"),
        (lambda packed: b"<html>" + packed, r"starts with b'<h' at byte 0, expected a gzip file"),
        (lambda packed: packed[:12], r"is truncated at byte 12, \d+ bytes unpacked, expected 16"),
        (lambda packed: packed[:-200], r"is truncated at byte \d+, \d+ bytes unpacked, expected 6016"),
        (lambda packed: packed[:-5], r"is truncated at byte \d+, 6016 bytes unpacked, expected 6016"),
        (lambda packed: packed[:-8] + bytes(8), r"is corrupt between bytes \d+ and \d+ of \d+: .*incorrect data check"),
        (lambda packed: packed[:300] + b"\xff" * 99 + packed[399:], r"is corrupt between bytes \d+ and \d+ of \d+"),
        (lambda packed: gzip.compress(b"\0\0"), r"is truncated at byte \d+, 2 bytes unpacked, expected 16"),
        (
            lambda packed: gzip.compress(idx_labels(np.zeros(99, np.uint8))),
            r"has the number 2049 at byte 0 of the unpacked data, expected 2051 \(images\)",
        ),
        (
            lambda packed: gzip.compress(gzip.decompress(packed)[:-1]),
            r"ends at byte 6015 of the unpacked data, expected 6016 \(1000 x 3 x 2 images\)",
        ),
        (
            lambda packed: gzip.compress(gzip.decompress(packed) + b"x"),
            r"ends at byte 6017 of the unpacked data, expected 6016",
        ),
        (
            lambda packed: gzip.compress(struct.pack(">4I", 2051, 2**32 - 1, 2**32 - 1, 28)),
            r"promises \d+ bytes by the header at byte 4, more than \d+ bytes can unpack to",
        ),
    ],
)
def test_spoilt_files_are_errors_that_say_where(tmp_path, spoil, message):
    images = np.random.RandomState(0).randint(0, 255, (1000, 3, 2)).astype(np.uint8)
    path = tmp_path / mnist.TRAIN_IMAGES
    path.write_bytes(spoil(gzip.compress(idx_images(images))))
    with pytest.raises(DataLossError, match=r"train-images-idx3-ubyte\.gz " + message):
        mnist.extract_images(path)
    with pytest.raises(DataLossError, match=message):
        mnist.read_data_sets(tmp_path)


def test_an_impossible_label_is_an_error_that_says_where(tmp_path):
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(idx_labels(np.array([3, 1, 12], np.uint8))))
    with pytest.raises(DataLossError, match=r"labels.gz at byte 10 of the unpacked data is label 12, expected 0 to 9"):
        mnist.extract_labels(path, one_hot=True)
    assert mnist.extract_labels(path, one_hot=True, num_classes=13).argmax(axis=1).tolist() == [3, 1, 12]


def test_extraction_takes_open_files(tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(idx_images(small_images(4))))
    with open(path, "rb") as file:
        images = mnist.extract_images(file)
    assert images.shape == (4, 3, 2, 1) and images.dtype == np.uint8
    np.testing.assert_array_equal(images[..., 0], small_images(4))


def test_one_hot_rows_have_a_single_one():
    assert mnist.dense_to_one_hot(np.array([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: mnist.read_data_sets(None, validation_size=60001), ValueError, r"validation_size is 60001"),
        (lambda: mnist.read_data_sets(None, validation_size=-1), ValueError, r"validation_size is -1"),
        (lambda: mnist.read_data_sets("nowhere", source_url="http://host/"), ValueError, r"nothing is downloaded"),
        (lambda: small_set().next_batch(-1), ValueError, r"batch_size is -1"),
        (lambda: small_set().next_batch(2.5), TypeError, r"float"),
        (lambda: small_set(n=0).next_batch(1), ValueError, r"empty"),
        (
            lambda: mnist.DataSet(np.zeros([2, 3, 3, 1]), np.zeros(2), dtype="int32"),
            TypeError,
            r"int32, expected uint8",
        ),
        (lambda: mnist.DataSet(np.zeros([2, 3, 3, 1]), np.zeros(3)), ValueError, r"2 images do not go with 3 labels"),
        (
            lambda: mnist.DataSet(np.zeros([2, 3, 3, 3]), np.zeros(2)),
            ValueError,
            r"rows, columns, 1\], not \[2, 3, 3, 3\]",
        ),
    ],
)
def test_wrong_arguments_are_named(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
