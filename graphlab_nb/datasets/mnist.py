"""MNIST's handwritten digits: reads the IDX files and serves them in batches.

`read_data_sets` and `DataSet` behave as TensorFlow's. The pixels stay in memory as the bytes that the file has, a
quarter of what float32 takes: a batch is gathered from them and scaled to [0, 1] when it is asked for, and `images` is
made when it is first read.
"""

from __future__ import annotations

import math
import operator
import os
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from graphlab_nb import dtypes
from graphlab_nb.datasets.unpacked import unpack
from graphlab_nb.errors import DataLossError

TRAIN_IMAGES = "train-images-idx3-ubyte.gz"
TRAIN_LABELS = "train-labels-idx1-ubyte.gz"
TEST_IMAGES = "t10k-images-idx3-ubyte.gz"
TEST_LABELS = "t10k-labels-idx1-ubyte.gz"
FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)

NUM_CLASSES = 10
IMAGE_SIZE = 28

_PACKAGED = Path(__file__).parent / "data" / "mnist"
_IMAGES_MAGIC = 2051
_LABELS_MAGIC = 2049
_SCALE = np.float32(1.0 / 255.0)
# DEFLATE cannot make more than this many bytes out of one, so a header that promises more is not true (zlib's manual).
_MOST_INFLATION = 1032


class DataSet:
    """Images with their labels, served in batches of a new random order each epoch.

    Args:
      images: `[n, rows, columns, 1]`, pixels from 0 to 255.
      labels: `[n]`, or `[n, classes]` one-hot.
      fake_data: serve constant images and labels, without any data, for tests.
      one_hot: whether fake labels are one-hot.
      dtype: `uint8` leaves pixels as they are, `float32` scales them to [0, 1].
      reshape: make each image one row, `[n, rows * columns]`.
      seed: of the shuffling; without it NumPy's global generator shuffles, which `numpy.random.seed` controls.

    Raises:
      TypeError: for another `dtype`.
      ValueError: where the numbers of images and labels differ, or images to reshape do not have depth 1.

    Example:
      >>> import numpy as np
      >>> from graphlab_nb.examples.tutorials.mnist import input_data
      >>> data = input_data.DataSet(np.zeros([5, 28, 28, 1], np.uint8), np.arange(5), seed=0)
      >>> data.images.shape, data.num_examples
      ((5, 784), 5)
    """

    def __repr__(self) -> str:
        images = "x".join(map(str, self._pixels.shape[1:]))
        kind = "no data, for tests" if self._fake else f"{images} {'float32' if self._scaled else 'uint8'}"
        return f"<DataSet: {self._num_examples} images, {kind}>"

    def __init__(
        self,
        images: Any,
        labels: Any,
        fake_data: bool = False,
        one_hot: bool = False,
        dtype: Any = dtypes.float32,
        reshape: bool = True,
        seed: int | None = None,
    ):
        dtype = dtypes.as_dtype(dtype).base_dtype
        if dtype not in (dtypes.uint8, dtypes.float32):
            raise TypeError(f"Invalid image dtype {dtype.name}, expected uint8 or float32")
        self.one_hot = one_hot
        self._fake = fake_data
        self._scaled = dtype == dtypes.float32
        self._random = np.random if seed is None else np.random.RandomState(seed)
        if fake_data:
            self._pixels = self._labels = np.zeros([0])
            self._num_examples = 10000
        else:
            images, labels = np.asarray(images), np.asarray(labels)
            if images.shape[0] != labels.shape[0]:
                raise ValueError(f"{images.shape[0]} images do not go with {labels.shape[0]} labels")
            if reshape:
                if images.ndim != 4 or images.shape[3] != 1:
                    raise ValueError(f"images to reshape must be [n, rows, columns, 1], not {list(images.shape)}")
                images = images.reshape(images.shape[0], images.shape[1] * images.shape[2])
            self._pixels, self._labels = images, labels
            self._num_examples = images.shape[0]
        self._images: np.ndarray | None = None
        self._order: np.ndarray | None = None  # a permutation of the examples; None is the files' order
        self._epochs_completed = 0
        self._index_in_epoch = 0

    @property
    def images(self) -> np.ndarray:
        """All images, `[n, 784]` or `[n, 28, 28, 1]`, in the files' order."""
        if self._images is None:
            self._images = self._convert(self._pixels)
        return self._images

    @property
    def labels(self) -> np.ndarray:
        """All labels, `[n]` or `[n, 10]`, in the files' order."""
        return self._labels

    @property
    def num_examples(self) -> int:
        """Number of images."""
        return self._num_examples

    @property
    def epochs_completed(self) -> int:
        """How many times all images have been served."""
        return self._epochs_completed

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> tuple[Any, Any]:
        """The next `batch_size` images and their labels.

        Where an epoch ends within the batch, its rest is joined with the start of the next one, which has a new order.

        Args:
          batch_size: number of images; more than there are takes several epochs.
          fake_data: serve constant lists instead.
          shuffle: whether an epoch that starts in this call gets a new random order; otherwise the last order stays.

        Returns:
          `(images, labels)`, `[batch_size, 784]` (or as `images` is) and `[batch_size]` or `[batch_size, 10]`.

        Raises:
          ValueError: for a negative `batch_size`, or where there are no images.

        Example:
          >>> import numpy as np
          >>> from graphlab_nb.examples.tutorials.mnist import input_data
          >>> data = input_data.DataSet(np.zeros([5, 28, 28, 1], np.uint8), np.arange(5), seed=0)
          >>> images, labels = data.next_batch(4)
          >>> images.shape, labels.shape
          ((4, 784), (4,))
        """
        batch_size = operator.index(batch_size)
        if batch_size < 0:
            raise ValueError(f"batch_size is {batch_size}, it cannot be negative")
        if fake_data or self._fake:
            label: Any = [1] + [0] * (NUM_CLASSES - 1) if self.one_hot else 0
            return [[1] * IMAGE_SIZE**2 for _ in range(batch_size)], [label for _ in range(batch_size)]
        if batch_size and not self._num_examples:
            raise ValueError(f"batch_size is {batch_size}, but the data set is empty")
        start = self._index_in_epoch
        if shuffle and start == 0 and self._epochs_completed == 0:
            self._shuffle()
        end = start + batch_size
        if end <= self._num_examples:
            self._index_in_epoch = end
            return self._take(start, end)
        parts = [self._take(start, self._num_examples)]
        missing = end - self._num_examples
        while missing:
            self._epochs_completed += 1
            if shuffle:
                self._shuffle()
            served = min(missing, self._num_examples)
            parts.append(self._take(0, served))
            self._index_in_epoch = served
            missing -= served
        images, labels = zip(*parts, strict=True)
        return np.concatenate(images), np.concatenate(labels)

    def _shuffle(self) -> None:
        """Puts a random permutation on top of the present order, as TensorFlow did: equal seeds give equal batches."""
        permutation = np.arange(self._num_examples)
        self._random.shuffle(permutation)
        self._order = permutation if self._order is None else self._order[permutation]

    def _take(self, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        if self._order is None:
            return self._convert(self._pixels[start:end]), self._labels[start:end]
        chosen = self._order[start:end]
        return self._convert(self._pixels.take(chosen, axis=0)), self._labels.take(chosen, axis=0)

    def _convert(self, pixels: np.ndarray) -> np.ndarray:
        return np.multiply(pixels, _SCALE, dtype=np.float32) if self._scaled else pixels


class Datasets(NamedTuple):
    """The three parts of the data: to learn from, to choose a model by, and to judge the chosen one.

    Example:
      >>> from graphlab_nb.examples.tutorials.mnist import input_data
      >>> mnist = input_data.read_data_sets("", validation_size=1000)
      >>> [part.num_examples for part in mnist]
      [59000, 1000, 10000]
    """

    train: DataSet
    validation: DataSet
    test: DataSet


def read_data_sets(
    train_dir: str | os.PathLike[str] | None,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: Any = dtypes.float32,
    reshape: bool = True,
    validation_size: int = 5000,
    seed: int | None = None,
    source_url: str | None = None,
) -> Datasets:
    """Reads MNIST: 55,000 examples to train with, 5,000 for validation, 10,000 to test with.

    Args:
      train_dir: a folder; each of the four files that it has under its original name is read from there, the others are
        the packaged ones. It need not exist. None: the packaged files.
      fake_data: serve constant data without reading anything.
      one_hot: labels as `[n, 10]` float64 with a single 1, instead of `[n]` uint8.
      dtype: of the images, `float32` from 0 to 1 or `uint8` from 0 to 255.
      reshape: images as `[n, 784]`, otherwise `[n, 28, 28, 1]`.
      validation_size: how many of the 60,000 training examples, from the first on, are for validation.
      seed: of the shuffling; without it NumPy's global generator is used.
      source_url: kept for TensorFlow's signature. Nothing is ever downloaded.

    Raises:
      DataLossError: for a file that is truncated, corrupt or something else; it says where.
      ValueError: for a `validation_size` outside 0 to the number of training examples, or a `source_url` from which
        files would have to be downloaded.

    Example:
      >>> from graphlab_nb.examples.tutorials.mnist import input_data
      >>> mnist = input_data.read_data_sets("", one_hot=True)
      >>> mnist.train.images.shape
      (55000, 784)
    """
    if fake_data:
        train, validation, test = (
            DataSet([], [], fake_data=True, one_hot=one_hot, dtype=dtype, seed=seed) for _ in range(3)
        )
        return Datasets(train, validation, test)
    if source_url:
        absent = [name for name in FILES if train_dir is None or not os.path.isfile(os.path.join(train_dir, name))]
        if absent:
            raise ValueError(f"nothing is downloaded from {source_url}; put {', '.join(absent)} into {train_dir}")
    train_images, train_labels = _read_pair(train_dir, TRAIN_IMAGES, TRAIN_LABELS, one_hot)
    test_images, test_labels = _read_pair(train_dir, TEST_IMAGES, TEST_LABELS, one_hot)
    if not 0 <= validation_size <= len(train_images):
        raise ValueError(f"validation_size is {validation_size}, it must be between 0 and {len(train_images)}")

    def part(images: np.ndarray, labels: np.ndarray) -> DataSet:
        return DataSet(images, labels, one_hot=one_hot, dtype=dtype, reshape=reshape, seed=seed)

    return Datasets(
        train=part(train_images[validation_size:], train_labels[validation_size:]),
        validation=part(train_images[:validation_size], train_labels[:validation_size]),
        test=part(test_images, test_labels),
    )


def extract_images(f: Any) -> np.ndarray:
    """Reads a gzip-compressed IDX file of images.

    Args:
      f: a path, or a file open for reading bytes.

    Returns:
      uint8 `[n, rows, columns, 1]`, read-only.

    Raises:
      DataLossError: where the file is not that, naming it, the byte and what was expected there.

    Example:
      >>> import gzip, io, struct
      >>> from graphlab_nb.examples.tutorials.mnist import input_data
      >>> file = gzip.compress(struct.pack(">4I", 2051, 1, 2, 2) + bytes([0, 255, 255, 0]))
      >>> input_data.extract_images(io.BytesIO(file))[0, :, :, 0]
      array([[  0, 255],
             [255,   0]], dtype=uint8)
    """
    shape, data = _read_idx(f, _IMAGES_MAGIC, 3, "images")
    return data.reshape(*shape, 1)


def extract_labels(f: Any, one_hot: bool = False, num_classes: int = NUM_CLASSES) -> np.ndarray:
    """Reads a gzip-compressed IDX file of labels.

    Args:
      f: a path, or a file open for reading bytes.
      one_hot: whether to return `[n, num_classes]` float64 with a single 1 in each row.
      num_classes: number of classes for that.

    Returns:
      uint8 `[n]`, read-only, or the one-hot matrix.

    Raises:
      DataLossError: where the file is not that, naming it, the byte and what was expected there.

    Example:
      >>> import gzip, io, struct
      >>> from graphlab_nb.examples.tutorials.mnist import input_data
      >>> file = gzip.compress(struct.pack(">2I", 2049, 3) + bytes([7, 2, 1]))
      >>> input_data.extract_labels(io.BytesIO(file))
      array([7, 2, 1], dtype=uint8)
    """
    _, labels = _read_idx(f, _LABELS_MAGIC, 1, "labels")
    if not one_hot:
        return labels
    if labels.size and labels.max() >= num_classes:
        first = int(np.argmax(labels >= num_classes))
        wrong = f"label {labels[first]}, expected 0 to {num_classes - 1}"
        raise _data_loss(_name_of(f), f"at byte {8 + first} of the unpacked data is {wrong}")
    return dense_to_one_hot(labels, num_classes)


def dense_to_one_hot(labels_dense: np.ndarray, num_classes: int) -> np.ndarray:
    """Labels `[n]` as rows `[n, num_classes]` of float64 that are 1 at the label and 0 elsewhere.

    Args:
      labels_dense: whole numbers from 0 on, an array `[n]`.
      num_classes: one more than the largest that there may be.

    Example:
      >>> import numpy as np
      >>> from graphlab_nb.examples.tutorials.mnist import input_data
      >>> input_data.dense_to_one_hot(np.array([2, 0]), 3)
      array([[0., 0., 1.],
             [1., 0., 0.]])
    """
    labels_one_hot = np.zeros((labels_dense.shape[0], num_classes))
    labels_one_hot[np.arange(labels_dense.shape[0]), labels_dense.ravel()] = 1
    return labels_one_hot


def _read_pair(folder: Any, images_name: str, labels_name: str, one_hot: bool) -> tuple[np.ndarray, np.ndarray]:
    images_path, labels_path = _find(folder, images_name), _find(folder, labels_name)
    images, labels = extract_images(images_path), extract_labels(labels_path, one_hot=one_hot)
    if len(images) != len(labels):
        raise _data_loss(images_path, f"has {len(images)} images, but {labels_path} has {len(labels)} labels")
    return images, labels


def _find(folder: Any, name: str) -> str:
    if folder is not None:
        path = os.path.join(os.fspath(folder), name)
        if os.path.isdir(path):
            raise _data_loss(path, "is a folder")
        if os.path.exists(path):
            return path
    return str(_PACKAGED / name)


def _name_of(f: Any) -> str:
    return os.fspath(f) if isinstance(f, (str, os.PathLike)) else str(getattr(f, "name", f))


def _data_loss(name: str, what: str) -> DataLossError:
    return DataLossError(None, None, f"{name} {what}")


def _read_idx(f: Any, magic: int, rank: int, content: str) -> tuple[tuple[int, ...], np.ndarray]:
    """Shape and flat bytes of an IDX file; checks all that the format lets one check."""
    name = _name_of(f)
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            packed = file.read()
    else:
        packed = f.read()
    if packed[:2] != b"\x1f\x8b":
        raise _data_loss(name, f"starts with {packed[:2]!r} at byte 0, expected a gzip file (b'\\x1f\\x8b')")
    header_size = 4 + 4 * rank
    try:
        header = zlib.decompressobj(wbits=31).decompress(packed[: 1 << 17], header_size)
    except zlib.error as error:
        raise _damaged(name, packed, header_size) from error
    if len(header) < header_size:
        raise _damaged(name, packed, header_size)
    numbers = [int(n) for n in np.frombuffer(header, ">u4")]
    if numbers[0] != magic:
        raise _data_loss(
            name, f"has the number {numbers[0]} at byte 0 of the unpacked data, expected {magic} ({content})"
        )
    shape = tuple(numbers[1:])
    size = header_size + math.prod(shape)
    if size > _MOST_INFLATION * len(packed):
        raise _data_loss(
            name, f"promises {size} bytes by the header at byte 4, more than {len(packed)} bytes can unpack to"
        )
    try:
        data = unpack(packed, size)
    except zlib.error as error:
        raise _damaged(name, packed, size) from error
    if len(data) != size:
        dims = " x ".join(str(n) for n in shape)
        raise _data_loss(name, f"ends at byte {len(data)} of the unpacked data, expected {size} ({dims} {content})")
    return shape, np.frombuffer(data, np.uint8, offset=header_size)


def _damaged(name: str, packed: bytes, expected: int) -> DataLossError:
    """The error for a gzip stream that cannot be unpacked, with the place found by unpacking it piece by piece."""
    stream = zlib.decompressobj(wbits=31)
    unpacked, piece = 0, 256
    for offset in range(0, len(packed), piece):
        try:
            unpacked += len(stream.decompress(packed[offset : offset + piece]))
        except zlib.error as error:
            last = min(offset + piece, len(packed)) - 1
            return _data_loss(name, f"is corrupt between bytes {offset} and {last} of {len(packed)}: {error}")
    where = f"at byte {len(packed)}, {unpacked} bytes unpacked"
    return _data_loss(name, f"is truncated {where}, expected {expected}")
