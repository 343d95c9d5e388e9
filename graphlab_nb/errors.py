"""TensorFlow's kinds of error, each carrying the operation at fault.

Every class derives from `OpError` and, where Python has a matching builtin, from that too, so that
`except ValueError` catches a bad shape whether it was found when the graph was built or when it ran.
"""

from __future__ import annotations

from typing import Any

OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16


class OpError(Exception):
    """Base of all errors that a running graph raises.

    Args:
      node_def: kept for TensorFlow's signature; the operation's definition or None.
      op: the `Operation` at fault, or None.
      message: what went wrong, naming the thing at fault.
    """

    code: int = UNKNOWN

    def __init__(self, node_def: Any = None, op: Any = None, message: str = "", error_code: int | None = None):
        super().__init__(message)
        self.node_def = node_def
        self.op = op
        self.message = message
        self.error_code = self.code if error_code is None else error_code

    def __str__(self) -> str:
        return self.message


class CancelledError(OpError):
    """The run was cancelled."""

    code = CANCELLED


class UnknownError(OpError):
    """A failure without a better name."""

    code = UNKNOWN


class InvalidArgumentError(OpError, ValueError):
    """An input has a value, shape or type that the operation cannot take."""

    code = INVALID_ARGUMENT


class DeadlineExceededError(OpError):
    """The run took longer than it was allowed to."""

    code = DEADLINE_EXCEEDED


class NotFoundError(OpError):
    """A file, device or other thing asked for does not exist."""

    code = NOT_FOUND


class AlreadyExistsError(OpError):
    """The thing to be made exists already."""

    code = ALREADY_EXISTS


class PermissionDeniedError(OpError):
    """The caller may not do this."""

    code = PERMISSION_DENIED


class ResourceExhaustedError(OpError, MemoryError):
    """The device has not enough memory for the plan."""

    code = RESOURCE_EXHAUSTED


class FailedPreconditionError(OpError):
    """The system is not in the state this needs: above all, a variable that is not initialized."""

    code = FAILED_PRECONDITION


class AbortedError(OpError):
    """The operation was aborted."""

    code = ABORTED


class OutOfRangeError(OpError):
    """The end of an input was passed."""

    code = OUT_OF_RANGE


class UnimplementedError(OpError, NotImplementedError):
    """The operation is not available for these types or on this device."""

    code = UNIMPLEMENTED


class InternalError(OpError):
    """A kernel did not build or the runtime misbehaved."""

    code = INTERNAL


class UnavailableError(OpError):
    """No device can serve."""

    code = UNAVAILABLE


class DataLossError(OpError):
    """A file is truncated or corrupt."""

    code = DATA_LOSS


class UnauthenticatedError(OpError):
    """The request carries no valid credentials."""

    code = UNAUTHENTICATED


def __dir__() -> list[str]:
    """What tab completion offers: the errors and their codes."""
    return sorted(name for name in globals() if name[0].isupper() and name != "Any")
