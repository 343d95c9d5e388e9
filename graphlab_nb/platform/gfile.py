"""Files and folders by the names that TensorFlow's programs use, with TensorFlow's errors."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterator
from typing import IO, Any, Self

from graphlab_nb.errors import AlreadyExistsError
from graphlab_nb.export import public_names
from graphlab_nb.platform.system_errors import as_ours


class GFile:
    """A file, opened when it is first read or written.

    Args:
      name: path.
      mode: as `open`'s; "r" reads text, "rb" bytes.

    Raises:
      NotFoundError: when used, if the file to be read or the folder to be written to is not there.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     with tf.gfile.GFile(folder + "/a.txt", "w") as file:
      ...         file.write("hello")
      ...     print(tf.gfile.GFile(folder + "/a.txt").read())
      hello
    """

    _file: IO[Any] | None = None

    def __init__(self, name: str | os.PathLike[str], mode: str = "r"):
        self.name = os.fspath(name)
        self.mode = mode

    def _opened(self) -> IO[Any]:
        if self._file is None:
            with as_ours():
                self._file = open(self.name, self.mode, encoding=None if "b" in self.mode else "utf-8")  # noqa: SIM115
        return self._file

    def read(self, n: int = -1) -> Any:
        """The next `n` characters, or bytes of a file opened with "b".

        Args:
          n: how many; all that follow where it is negative.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.gfile.GFile(folder + "/a.txt", "w") as file:
          ...         file.write("hello")
          ...     with tf.gfile.GFile(folder + "/a.txt") as file:
          ...         print(file.read(2), file.read())
          he llo
        """
        return self._opened().read(n)

    def readline(self) -> Any:
        """The next line with its end; empty after the last.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.gfile.GFile(folder + "/a.txt", "w") as file:
          ...         file.write("hello")
          ...     with tf.gfile.GFile(folder + "/a.txt") as file:
          ...         print(file.readline().split(), file.readline().split(), file.readline() == "")
          ['hello'] [] True
        """
        return self._opened().readline()

    def readlines(self) -> list[Any]:
        """The lines that follow, with their ends.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.gfile.GFile(folder + "/a.txt", "w") as file:
          ...         file.write("hello")
          ...     with tf.gfile.GFile(folder + "/a.txt") as file:
          ...         print(file.readlines())
          ['hello']
        """
        return self._opened().readlines()

    def write(self, content: Any) -> None:
        """Appends text, or bytes to a file opened with "b".

        Args:
          content: a text, or bytes.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.gfile.GFile(folder + "/a.txt", "w") as file:
          ...         file.write("hello")
          ...         file.write(" again")
          ...     print(tf.gfile.GFile(folder + "/a.txt").read())
          hello again
        """
        self._opened().write(content)

    def seek(self, offset: int) -> None:
        """Goes on `offset` bytes after the start.

        Args:
          offset: bytes from the file's start.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.gfile.GFile(folder + "/a.txt", "w") as file:
          ...         file.write("hello")
          ...     with tf.gfile.GFile(folder + "/a.txt") as file:
          ...         file.seek(3)
          ...         print(file.read())
          lo
        """
        self._opened().seek(offset)

    def tell(self) -> int:
        """The present position in bytes.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.gfile.GFile(folder + "/a.txt", "w") as file:
          ...         file.write("hello")
          ...     with tf.gfile.GFile(folder + "/a.txt", "rb") as file:
          ...         print(file.read(2), file.tell())
          b'he' 2
        """
        return self._opened().tell()

    def size(self) -> int:
        """The file's length in bytes.

        Raises:
          NotFoundError: where the file is not there.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.gfile.GFile(folder + "/a.txt", "w") as file:
          ...         file.write("hello")
          ...     print(tf.gfile.GFile(folder + "/a.txt").size())
          5
        """
        with as_ours():
            return os.stat(self.name).st_size

    def flush(self) -> None:
        """Hands what was written to the system.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     with tf.gfile.GFile(folder + "/a.txt", "w") as file:
          ...         file.write("hello")
          ...         file.flush()
          ...         print(file.size())
          5
        """
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Closes the file; using it again opens it anew.

        Example:
          >>> import tempfile
          >>> with tempfile.TemporaryDirectory() as folder:
          ...     file = tf.gfile.GFile(folder + "/a.txt", "w")
          ...     file.write("hello")
          ...     file.close()
          ...     print(file.size())
          5
        """
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        self._opened()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        # Programs write GFile(name).read() and let go of the file.
        self.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._opened())


FastGFile = Open = GFile


def Exists(filename: str) -> bool:
    """Whether there is a file or folder of that name.

    Args:
      filename: the path.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     print(tf.gfile.Exists(folder), tf.gfile.Exists(folder + "/other"))
      True False
    """
    return os.path.exists(filename)


def IsDirectory(dirname: str) -> bool:
    """Whether there is a folder of that name.

    Args:
      dirname: the folder's path.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     print(tf.gfile.IsDirectory(folder), tf.gfile.IsDirectory(folder + "/other"))
      True False
    """
    return os.path.isdir(dirname)


def ListDirectory(dirname: str) -> list[str]:
    """Names of all that a folder has, sorted, without its own path.

    Args:
      dirname: the folder's path.

    Raises:
      NotFoundError: where there is no such folder.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     tf.gfile.MkDir(folder + "/b")
      ...     tf.gfile.MkDir(folder + "/a")
      ...     print(tf.gfile.ListDirectory(folder))
      ['a', 'b']
    """
    with as_ours():
        return sorted(os.listdir(dirname))


def Glob(filename: str | list[str]) -> list[str]:
    """Paths that match one pattern or any of a list of patterns, sorted.

    Args:
      filename: a pattern or a list of patterns.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     tf.gfile.MkDir(folder + "/run1")
      ...     tf.gfile.MkDir(folder + "/run2")
      ...     print(len(tf.gfile.Glob(folder + "/run*")))
      2
    """
    patterns = [filename] if isinstance(filename, (str, os.PathLike)) else filename
    return sorted({path for pattern in patterns for path in glob.glob(os.fspath(pattern))})


def MakeDirs(dirname: str) -> None:
    """Makes a folder and those above it; one that is there already is left as it is.

    Args:
      dirname: the folder's path.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     tf.gfile.MakeDirs(folder + "/logs/run1")
      ...     print(tf.gfile.IsDirectory(folder + "/logs/run1"))
      True
    """
    with as_ours():
        os.makedirs(dirname, exist_ok=True)


def MkDir(dirname: str) -> None:
    """Makes a folder within one that exists.

    Args:
      dirname: the folder's path.

    Raises:
      NotFoundError: where the folder above does not exist.
      AlreadyExistsError: where something of that name is there.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     tf.gfile.MkDir(folder + "/logs")
      ...     print(tf.gfile.ListDirectory(folder))
      ['logs']
    """
    with as_ours():
        os.mkdir(dirname)


def Remove(filename: str) -> None:
    """Deletes a file.

    Args:
      filename: the path.

    Raises:
      NotFoundError: where there is none.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     with tf.gfile.GFile(folder + "/a.txt", "w") as file:
      ...         file.write("hello")
      ...     tf.gfile.Remove(folder + "/a.txt")
      ...     print(tf.gfile.ListDirectory(folder))
      []
    """
    with as_ours():
        os.remove(filename)


def DeleteRecursively(dirname: str) -> None:
    """Deletes a folder with all it has.

    Args:
      dirname: the folder's path.

    Raises:
      NotFoundError: where there is none.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     tf.gfile.MakeDirs(folder + "/logs/run1")
      ...     tf.gfile.DeleteRecursively(folder + "/logs")
      ...     print(tf.gfile.ListDirectory(folder))
      []
    """
    with as_ours():
        shutil.rmtree(dirname)


def Copy(oldpath: str, newpath: str, overwrite: bool = False) -> None:
    """Copies a file.

    Args:
      oldpath: the file.
      newpath: where to.
      overwrite: whether one that is there already is replaced.

    Raises:
      AlreadyExistsError: where `newpath` exists and `overwrite` is False.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     with tf.gfile.GFile(folder + "/a.txt", "w") as file:
      ...         file.write("hello")
      ...     tf.gfile.Copy(folder + "/a.txt", folder + "/b.txt")
      ...     print(tf.gfile.ListDirectory(folder))
      ['a.txt', 'b.txt']
    """
    _refuse_overwriting(newpath, overwrite)
    with as_ours():
        shutil.copyfile(oldpath, newpath)


def Rename(oldname: str, newname: str, overwrite: bool = False) -> None:
    """Renames or moves a file or folder.

    Args:
      oldname: its path.
      newname: its new path.
      overwrite: whether one that is there already is replaced.

    Raises:
      AlreadyExistsError: where `newname` exists and `overwrite` is False.

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     with tf.gfile.GFile(folder + "/a.txt", "w") as file:
      ...         file.write("hello")
      ...     tf.gfile.Rename(folder + "/a.txt", folder + "/b.txt")
      ...     print(tf.gfile.ListDirectory(folder))
      ['b.txt']
    """
    _refuse_overwriting(newname, overwrite)
    with as_ours():
        os.replace(oldname, newname)


def Walk(top: str, in_order: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:
    """Goes through a folder and all those below it.

    Args:
      top: the folder to begin with.
      in_order: a folder before those in it; False gives them first.

    Returns:
      An iterator of (path of a folder, names of the folders in it, names of the files in it).

    Example:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     tf.gfile.MakeDirs(folder + "/logs/run1")
      ...     for path, folders, files in tf.gfile.Walk(folder):
      ...         print(folders, files)
      ['logs'] []
      ['run1'] []
      [] []
    """
    return os.walk(top, topdown=in_order)


def _refuse_overwriting(path: str, overwrite: bool) -> None:
    if not overwrite and os.path.exists(path):
        raise AlreadyExistsError(None, None, f"{path}; file already exists")


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted([*public_names(globals()), "FastGFile", "GFile", "Open"])
