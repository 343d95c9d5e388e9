"""The token by which a cluster knows its own: where it lies, how it is made, and how Ray learns of it.

It is Ray's own token, looked for where Ray looks: in `RAY_AUTH_TOKEN`, in the file that `RAY_AUTH_TOKEN_PATH` names, and in
`~/.ray/auth_token`. Who has it can run programs in the cluster, so its file is for its owner's eyes alone.
"""

from __future__ import annotations

import importlib
import os
import secrets
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from graphlab_nb.errors import FailedPreconditionError, UnauthenticatedError

MODE = "RAY_AUTH_MODE"
TOKEN = "RAY_AUTH_TOKEN"
PATH = "RAY_AUTH_TOKEN_PATH"
_DIGITS = 32  # bytes of chance, as many as Ray's own tokens have


def token_file(environment: Mapping[str, str] | None = None) -> Path:
    """The file that holds the token, whether it is there or not.

    Args:
      environment: the variables that may name it; the process's by default.

    Returns:
      What `RAY_AUTH_TOKEN_PATH` says, or `~/.ray/auth_token`.
    """
    named = (os.environ if environment is None else environment).get(PATH, "")
    return Path(named) if named else Path.home() / ".ray" / "auth_token"


def read_token() -> str:
    """The token, or "" where there is none.

    Raises:
      UnauthenticatedError: for a file that others can read, that cannot be read, or that is empty; for a variable that holds no
        token.
    """
    named = os.environ.get(TOKEN, "").strip()
    if named:
        if not (named.isascii() and named.isprintable()):
            raise UnauthenticatedError(
                None, None, f"{TOKEN} holds what no token does: a line's end, or letters beyond ASCII; {how_to_copy()}"
            )
        return named
    path = token_file()
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        if not os.environ.get(PATH):
            return ""
        raise UnauthenticatedError(
            None, None, f"{PATH} names the token file {str(path)!r}, which does not exist; {how_to_copy()}"
        ) from None
    except (OSError, UnicodeError) as error:
        raise UnauthenticatedError(None, None, f"The token file {str(path)!r} cannot be read: {error}") from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UnauthenticatedError(
            None,
            None,
            f"Others than its owner may read the token file {str(path)!r} (mode {stat.S_IMODE(mode):o}), so they could run "
            f"programs in the cluster; forbid it by: chmod 600 {path}",
        )
    if not text:
        raise UnauthenticatedError(
            None,
            None,
            f"The token file {str(path)!r} is empty; remove it, so that `graphlab-nb cluster up` makes a new one",
        )
    return text


def make_token() -> Path | None:
    """Makes a token file where there is no token yet.

    Returns:
      The file, or None where the token comes from `RAY_AUTH_TOKEN`.

    Raises:
      UnauthenticatedError: for a file that is there and cannot serve.
      FailedPreconditionError: where no file can be written.
    """
    if os.environ.get(TOKEN, "").strip():
        read_token()
        return None
    path = token_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _write_new(path, secrets.token_hex(_DIGITS))
    except OSError as error:
        raise FailedPreconditionError(
            None, None, f"The token file {str(path)!r} cannot be written: {error}; name another by {PATH}"
        ) from error
    read_token()
    return path


def _write_new(path: Path, token: str) -> None:
    """Writes all of a file or nothing, and leaves alone what another process has made meanwhile."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def use_token() -> str:
    """Has Ray send the token from now on, in this process and in those that it starts, where there is one.

    Ray keeps what it once read, so it is made to read anew: a token that was copied here after a failure is found.
    What `RAY_AUTH_MODE` says already stays.

    Returns:
      The token, or "" where there is none.

    Raises:
      UnauthenticatedError: for a token that cannot be read, or where `RAY_AUTH_MODE` demands one and there is none.
    """
    demanded = mode()
    if demanded not in ("", "token"):
        return ""
    token = read_token()
    if not token and demanded:
        raise UnauthenticatedError(None, None, f"{MODE} demands a token, and there is none; {how_to_copy()}")
    if token:
        os.environ[MODE] = "token"
        refresh()
    return token


def mode() -> str:
    """What the environment says of tokens: "token", "disabled", or "" where it says nothing."""
    return os.environ.get(MODE, "").lower()


def refresh() -> None:
    """Makes Ray, where it is loaded, read the environment's mode and token again."""
    if "ray" in sys.modules:
        raylet = importlib.import_module("ray._raylet")
        raylet.Config.initialize("")
        raylet.AuthenticationTokenLoader.instance().reset_cache()


def environment(demanded: bool) -> dict[str, str]:
    """The variables by which a process is told to demand and send the token, or not to.

    Args:
      demanded: whether the cluster demands it.

    Returns:
      Variables to start a process with.
    """
    if not demanded:
        return {MODE: "disabled"}
    token = os.environ.get(TOKEN, "").strip()
    return {MODE: "token", TOKEN: token} if token else {MODE: "token", PATH: str(token_file())}


def how_to_copy() -> str:
    """Where a token is looked for, and how it gets to another machine, in a sentence."""
    return (
        f"a token is looked for in the variable {TOKEN}, in the file that {PATH} names, and in ~/.ray/auth_token: copy that "
        "file from the machine that ran `graphlab-nb cluster up`, for instance by: "
        "mkdir -p ~/.ray && scp -p HOST:.ray/auth_token ~/.ray/auth_token"
    )
