"""The system's errors about files, as TensorFlow's kinds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from graphlab_nb.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    NotFoundError,
    OpError,
    PermissionDeniedError,
    UnknownError,
)

_KINDS: tuple[tuple[type[OSError], type[OpError]], ...] = (
    (FileNotFoundError, NotFoundError),
    (FileExistsError, AlreadyExistsError),
    (PermissionError, PermissionDeniedError),
    (NotADirectoryError, FailedPreconditionError),
    (IsADirectoryError, FailedPreconditionError),
)


@contextlib.contextmanager
def as_ours() -> Iterator[None]:
    """Turns the system's errors into TensorFlow's kinds, which name the file."""
    try:
        yield
    except OSError as error:
        kind = next((kind for system, kind in _KINDS if isinstance(error, system)), UnknownError)
        raise kind(None, None, f"{error.filename}; {error.strerror}") from error
