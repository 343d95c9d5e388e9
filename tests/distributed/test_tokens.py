import os
import stat
import threading
from pathlib import Path

import pytest

from graphlab_nb import errors
from graphlab_nb.distributed import tokens


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in (tokens.MODE, tokens.TOKEN, tokens.PATH):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(tokens, "refresh", lambda: None)
    return tmp_path


def test_a_token_is_made_once_and_for_its_owner_alone(home):
    assert tokens.read_token() == ""
    path = tokens.make_token()
    assert path == home / ".ray" / "auth_token"
    token = tokens.read_token()
    assert len(token) == 64 and int(token, 16)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert tokens.make_token() == path and tokens.read_token() == token
    assert [file.name for file in path.parent.iterdir()] == ["auth_token"]


def test_processes_that_make_it_at_once_get_the_same_one(home):
    seen, start = set(), threading.Barrier(8)

    def make():
        start.wait()
        tokens.make_token()
        seen.add(tokens.read_token())

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 1 and [file.name for file in (home / ".ray").iterdir()] == ["auth_token"]


def test_it_is_looked_for_where_ray_looks(home, monkeypatch):
    tokens.make_token()
    monkeypatch.setenv(tokens.PATH, str(home / "other"))
    assert tokens.token_file() == home / "other"
    with pytest.raises(
        errors.UnauthenticatedError, match=r"names the token file .*other', which does not exist; a token is looked"
    ):
        tokens.read_token()
    assert tokens.make_token() == home / "other"
    in_file = tokens.read_token()
    monkeypatch.setenv(tokens.TOKEN, "ab" * 32)
    assert tokens.read_token() == "ab" * 32 != in_file
    assert tokens.make_token() is None
    assert tokens.environment(True) == {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "ab" * 32}
    monkeypatch.delenv(tokens.TOKEN)
    assert tokens.environment(True) == {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(home / "other")}
    assert tokens.environment(False) == {"RAY_AUTH_MODE": "disabled"}


@pytest.mark.parametrize("text", ["ab\ncd", "ä" * 64])
def test_a_variable_that_holds_no_token_is_named(home, monkeypatch, text):
    monkeypatch.setenv(tokens.TOKEN, text)
    for use in (tokens.read_token, tokens.make_token, tokens.use_token):
        with pytest.raises(errors.UnauthenticatedError, match=f"{tokens.TOKEN} holds what no token does"):
            use()


def test_a_token_that_others_can_read_is_refused(home):
    path = tokens.make_token()
    path.chmod(0o640)
    for use in (tokens.read_token, tokens.make_token, tokens.use_token):
        with pytest.raises(errors.UnauthenticatedError, match=r"Others .* \(mode 640\).* chmod 600"):
            use()


def test_an_empty_token_is_refused(home):
    path = tokens.make_token()
    path.write_text("\n")
    with pytest.raises(errors.UnauthenticatedError, match="is empty; remove it"):
        tokens.read_token()


def test_a_folder_that_cannot_be_written_is_named(home, monkeypatch):
    (home / "file").touch()
    monkeypatch.setenv(tokens.PATH, str(home / "file" / "token"))
    with pytest.raises(
        errors.FailedPreconditionError, match=r"file/token' cannot be written: .*; name another by RAY_AUTH_TOKEN_PATH"
    ):
        tokens.make_token()


def test_ray_is_told_of_a_token_that_is_there(home, monkeypatch):
    told = []
    monkeypatch.setattr(tokens, "refresh", lambda: told.append(os.environ[tokens.MODE]))
    assert tokens.use_token() == "" and not told and tokens.MODE not in os.environ
    tokens.make_token()
    assert tokens.use_token() == tokens.read_token()
    assert told == ["token"]
    monkeypatch.setenv(tokens.MODE, "disabled")
    assert tokens.use_token() == "" and told == ["token"]


def test_a_mode_that_demands_a_token_without_one_is_an_error(monkeypatch):
    monkeypatch.setenv(tokens.MODE, "token")
    with pytest.raises(errors.UnauthenticatedError, match=r"RAY_AUTH_MODE demands a token.*~/\.ray/auth_token.*scp"):
        tokens.use_token()


def test_the_home_is_the_user_s():
    assert tokens.token_file().parent.parent == Path.home()
