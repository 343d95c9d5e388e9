"""Summaries by the names of TensorFlow 1.x, and event files: `tf.summary`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from graphlab_nb.graph.scopes import GraphKeys, name_scope
from graphlab_nb.graph.tensor import Tensor
from graphlab_nb.messages import Event, SessionLog, Summary
from graphlab_nb.ops import summaries
from graphlab_nb.summary.records import summary_iterator
from graphlab_nb.summary.writer import FileWriter

__all__ = [
    "Event",
    "FileWriter",
    "SessionLog",
    "Summary",
    "histogram",
    "image",
    "merge",
    "merge_all",
    "scalar",
    "summary_iterator",
]


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted(__all__)


_ILLEGAL = re.compile(r"[^-/\w.]")


@contextmanager
def _tagged(name: str, family: str | None, values: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """The tag of a summary, which is its name within the scopes it is in, and that scope."""
    clean = _ILLEGAL.sub("_", str(name)).lstrip("/")
    if not clean:
        raise ValueError(f"{name!r} is no name of a summary")
    group = None if family is None else _ILLEGAL.sub("_", str(family)).lstrip("/")
    with name_scope(f"{group}/{clean}" if group else clean, None, list(values)) as scope:
        tag = scope.rstrip("/")
        yield (f"{group}/{tag}" if group else tag), scope


def scalar(name: str, tensor: Any, collections: Any = None, family: str | None = None) -> Tensor:
    """A summary of a number: what curves are made of.

    Args:
      name: the operation's, and, within the scopes it is in, the tag; characters that no name has become "_".
      tensor: a number, of shape [].
      collections: names of the graph's collections that it joins; `[GraphKeys.SUMMARIES]` by default.
      family: a name before the tag, by which TensorBoard groups.

    Returns:
      A string tensor of shape []: the bytes of a `Summary`.

    Raises:
      ValueError: for a tensor of another shape.
      TypeError: for what is no number.

    Example:
      >>> text = tf.Session().run(tf.summary.scalar("loss", 0.5))
      >>> tf.Summary.FromString(text).value[0].tag
      'loss'
    """
    with _tagged(name, family, [tensor]) as (tag, scope):
        return summaries.scalar_summary(tag, tensor, collections, scope)


def histogram(name: str, values: Any, collections: Any = None, family: str | None = None) -> Tensor:
    """A summary of how numbers lie; see `scalar` for its names and `tf.histogram_summary` for what is counted.

    Args:
      name: as of `scalar`.
      values: numbers of any shape.
      collections: as of `scalar`.
      family: as of `scalar`.

    Returns:
      A string tensor of shape []: the bytes of a `Summary`.

    Example:
      >>> text = tf.Session().run(tf.summary.histogram("weights", [1.0, 2.0, 2.0]))
      >>> tf.Summary.FromString(text).value[0].histo.sum
      5.0
    """
    with _tagged(name, family, [values]) as (tag, scope):
        return summaries.histogram_summary(tag, values, collections, scope)


def image(name: str, tensor: Any, max_outputs: int = 3, collections: Any = None, family: str | None = None) -> Tensor:
    """A summary of the first pictures of a batch; see `scalar` for its names and `tf.image_summary` for the pictures.

    Args:
      name: as of `scalar`.
      tensor: pictures [batch, height, width, channels].
      max_outputs: how many pictures are taken.
      collections: as of `scalar`.
      family: as of `scalar`.

    Returns:
      A string tensor of shape []: the bytes of a `Summary`.

    Example:
      >>> text = tf.Session().run(tf.summary.image("digits", tf.zeros([2, 28, 28, 1])))
      >>> [value.tag for value in tf.Summary.FromString(text).value]
      ['digits/image/0', 'digits/image/1']
    """
    with _tagged(name, family, [tensor]) as (tag, scope):
        return summaries.image_summary(tag, tensor, max_outputs, collections, scope)


def merge(inputs: Sequence[Any], collections: Any = None, name: str | None = None) -> Tensor:
    """One summary with the values of several; see `tf.merge_summary`.

    Args:
      inputs: summaries, at least one.
      collections: names of the graph's collections that it joins; none by default.
      name: the operation's name.

    Returns:
      A string tensor of shape []: the bytes of a `Summary`.

    Example:
      >>> both = tf.summary.merge([tf.summary.scalar("loss", 0.5), tf.summary.scalar("accuracy", 1.0)])
      >>> [value.tag for value in tf.Summary.FromString(tf.Session().run(both)).value]
      ['loss', 'accuracy']
    """
    return summaries.merge_summary(inputs, collections, name)


def merge_all(key: Any = GraphKeys.SUMMARIES, scope: str | None = None) -> Tensor | None:
    """One summary with the values of all in a collection of the default graph; None where there is none.

    Args:
      key: the collection's name.
      scope: a regular expression that the operations' names begin with.

    Example:
      >>> loss = tf.summary.scalar("loss", 0.5)
      >>> tf.summary.merge_all()
      <tf.Tensor 'MergeSummary:0' shape=() dtype=string>
    """
    return summaries.merge_all_summaries(key, scope)
