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
    """Base of all errors that a running graph raises: catch one kind by its class, or all of them by this.

    Args:
      node_def: kept for TensorFlow's signature; the operation's definition or None.
      op: the `Operation` at fault, or None.
      message: what went wrong, naming the thing at fault.
      error_code: the kind's number, such as `tf.errors.NOT_FOUND`; the class's where it is left out.

    Example:
      >>> w = tf.Variable(1.0, name="w")
      >>> try:
      ...     tf.Session().run(w)
      ... except tf.errors.FailedPreconditionError as error:
      ...     print(error.op.name, error.error_code == tf.errors.FAILED_PRECONDITION)
      ...     print(error.message.partition(";")[0])
      w True
      Attempting to use uninitialized variable 'w'
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
    """The `OpError` of a run on a cluster that was ended there, such as by Ctrl-C in another thread of its client.

    Example:
      >>> try:
      ...     tf.Session().run(tf.no_op())
      ... except tf.errors.CancelledError as error:
      ...     print(error)
      >>> tf.errors.CancelledError(None, None, "stopped").error_code == tf.errors.CANCELLED
      True
    """

    code = CANCELLED


class UnknownError(OpError):
    """The `OpError` of a failure without a better name, such as a name that the system does not take or a disk that is full.

    Example:
      >>> try:
      ...     tf.gfile.MkDir("name" * 100)
      ... except tf.errors.UnknownError as error:
      ...     print(error.message.endswith("File name too long"))
      True
    """

    code = UNKNOWN


class InvalidArgumentError(OpError, ValueError):
    """The `OpError` (and `ValueError`) of an operation that cannot take what it is given, or run where it is asked to.

    Example:
      >>> x = tf.placeholder(tf.int32, [], name="x")
      >>> try:
      ...     tf.Session().run(tf.gather([1.0, 2.0], x), {x: 2})
      ... except tf.errors.InvalidArgumentError as error:
      ...     print(error.message.partition(" [in")[0])
      The index 2 is not in [0, 2)
    """

    code = INVALID_ARGUMENT


class DeadlineExceededError(OpError):
    """The `OpError` of a run on a cluster that took longer than `RunOptions.timeout_in_ms`.

    Example:
      >>> options = tf.RunOptions(timeout_in_ms=2000)
      >>> try:
      ...     tf.Session().run(tf.no_op(), options=options)  # on a cluster: tf.Session("grpc://host:port")
      ... except tf.errors.DeadlineExceededError as error:
      ...     print(error)
      >>> tf.errors.DeadlineExceededError(None, None, "stopped").error_code == tf.errors.DEADLINE_EXCEEDED
      True
    """

    code = DEADLINE_EXCEEDED


class NotFoundError(OpError):
    """The `OpError` of `tf.gfile` and `tf.train.summary_iterator` where a file or folder does not exist.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     try:
      ...         tf.gfile.ListDirectory(folder + "/logs")
      ...     except tf.errors.NotFoundError:
      ...         print("no logs yet")
      no logs yet
    """

    code = NOT_FOUND


class AlreadyExistsError(OpError):
    """The `OpError` of `tf.gfile` where what is to be made, or written without `overwrite`, exists already.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     try:
      ...         tf.gfile.MkDir(folder)
      ...     except tf.errors.AlreadyExistsError:
      ...         print("it is there")
      it is there
    """

    code = ALREADY_EXISTS


class PermissionDeniedError(OpError):
    """The `OpError` of `tf.gfile` and `tf.summary.FileWriter` where the system forbids the use of a file or folder.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     try:
      ...         tf.summary.FileWriter(folder + "/logs").close()
      ...     except tf.errors.PermissionDeniedError as error:  # of a folder that another user owns
      ...         print("Choose another folder:", error)
    """

    code = PERMISSION_DENIED


class ResourceExhaustedError(OpError, MemoryError):
    """The `OpError` (and `MemoryError`) of a run that needs more memory than its device has.

    Example:
      >>> try:
      ...     tf.Session().run(tf.zeros([1 << 22, 1 << 22]))
      ... except tf.errors.ResourceExhaustedError:
      ...     print("64 TiB are too much")
      64 TiB are too much
    """

    code = RESOURCE_EXHAUSTED


class FailedPreconditionError(OpError):
    """The `OpError` of a run that needs what is not there yet: above all, a variable that is not initialized.

    Example:
      >>> w = tf.Variable(1.0, name="w")
      >>> try:
      ...     tf.Session().run(w)
      ... except tf.errors.FailedPreconditionError as error:
      ...     print(error.message.partition(";")[0])
      Attempting to use uninitialized variable 'w'
    """

    code = FAILED_PRECONDITION


class AbortedError(OpError):
    """The `OpError` of a run on a cluster that lost a task; a new session goes on from the task's last checkpoint.

    Example:
      >>> try:
      ...     tf.Session().run(tf.no_op())  # on a cluster: tf.Session("grpc://host:port")
      ... except tf.errors.AbortedError as error:
      ...     print("Make the session again:", error)
      >>> tf.errors.AbortedError(None, None, "stopped").error_code == tf.errors.ABORTED
      True
    """

    code = ABORTED


class OutOfRangeError(OpError):
    """The `OpError` of a run that counts past an end: `tf.count_up_to` at its limit.

    Example:
      >>> count = tf.Variable(0)
      >>> up = count.count_up_to(2)
      >>> with tf.Session() as sess:
      ...     sess.run(count.initializer)
      ...     try:
      ...         while True:
      ...             print(sess.run(up))
      ...     except tf.errors.OutOfRangeError:
      ...         print("done")
      0
      1
      done
    """

    code = OUT_OF_RANGE


class UnimplementedError(OpError, NotImplementedError):
    """The `OpError` (and `NotImplementedError`) of what TensorFlow has and this has not.

    Example:
      >>> error = tf.errors.UnimplementedError(None, None, "not there")
      >>> isinstance(error, NotImplementedError), error.error_code == tf.errors.UNIMPLEMENTED
      (True, True)
    """

    code = UNIMPLEMENTED


class InternalError(OpError):
    """The `OpError` of a run whose kernel did not build or whose device failed.

    Example:
      >>> mistaken = tf.elementwise("Mistaken", "x0 + missing")(lambda x, name=None: None)  # OpenCL C without meaning
      >>> try:
      ...     tf.Session().run(mistaken([1.0]))
      ... except tf.errors.InternalError as error:
      ...     print(error.op.type, "does not build" in error.message)
      Mistaken True
    """

    code = INTERNAL


class UnavailableError(OpError):
    """The `OpError` where no OpenCL device can serve, or a cluster cannot be reached; it tells what was tried.

    Example:
      >>> try:
      ...     tf.Session("grpc://127.0.0.1:1")
      ... except tf.errors.UnavailableError as error:
      ...     print("nothing listens there" in error.message or "[cluster]" in error.message)
      True
    """

    code = UNAVAILABLE


class DataLossError(OpError):
    """The `OpError` of reading an event file or a data set's file that is truncated or corrupt.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     with tf.gfile.GFile(folder + "/events", "w") as file:
      ...         file.write("no events")
      ...     try:
      ...         events = list(tf.train.summary_iterator(folder + "/events"))
      ...     except tf.errors.DataLossError as error:
      ...         print("at byte 0" in error.message)
      True
    """

    code = DATA_LOSS


class UnauthenticatedError(OpError):
    """The `OpError` of a cluster that demands its token, where there is none here or another one.

    Example:
      >>> try:
      ...     tf.Session().run(tf.no_op())  # on a cluster: tf.Session("grpc://host:port")
      ... except tf.errors.UnauthenticatedError as error:
      ...     print("Copy the token:", error)
      >>> tf.errors.UnauthenticatedError(None, None, "stopped").error_code == tf.errors.UNAUTHENTICATED
      True
    """

    code = UNAUTHENTICATED


def __dir__() -> list[str]:
    """What tab completion offers: the errors and their codes."""
    return sorted(name for name in globals() if name[0].isupper() and name != "Any")
