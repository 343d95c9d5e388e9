"""Files and folders by TensorFlow's names."""

import pytest

from graphlab_nb import errors
from graphlab_nb.platform import gfile


def test_text_and_bytes_are_written_and_read(tmp_path):
    path = str(tmp_path / "a.txt")
    with gfile.GFile(path, "w") as file:
        file.write("one\ntwo\n")
        file.write("dré\n")
    with gfile.FastGFile(path) as file:
        assert file.read(3) == "one" and file.read() == "\ntwo\ndré\n"
    assert list(gfile.Open(path)) == ["one\n", "two\n", "dré\n"]
    file = gfile.GFile(path, "rb")
    assert file.size() == 13 and file.readline() == b"one\n" and file.tell() == 4
    file.seek(0)
    assert file.readlines()[2] == "dré\n".encode()
    file.close()


def test_folders(tmp_path):
    deep = str(tmp_path / "a" / "b")
    gfile.MakeDirs(deep)
    gfile.MakeDirs(deep)
    gfile.MkDir(deep + "/c")
    assert gfile.Exists(deep) and gfile.IsDirectory(deep)
    (tmp_path / "a" / "y.txt").write_text("")
    (tmp_path / "a" / "x.txt").write_text("")
    assert gfile.ListDirectory(str(tmp_path / "a")) == ["b", "x.txt", "y.txt"]
    pattern = str(tmp_path / "a" / "*.txt")
    assert [path[-5:] for path in gfile.Glob(pattern)] == ["x.txt", "y.txt"]
    assert len(gfile.Glob([pattern, pattern, str(tmp_path / "*")])) == 3
    assert [names for _, names, _ in gfile.Walk(str(tmp_path))] == [["a"], ["b"], ["c"], []]
    gfile.DeleteRecursively(str(tmp_path / "a"))
    assert not gfile.Exists(str(tmp_path / "a"))


def test_copy_rename_and_remove(tmp_path):
    first, second, third = (str(tmp_path / name) for name in ("1", "2", "3"))
    gfile.GFile(first, "w").close()
    (tmp_path / "1").write_text("content")
    gfile.Copy(first, second)
    with pytest.raises(errors.AlreadyExistsError, match="2; file already exists"):
        gfile.Copy(first, second)
    gfile.Copy(first, second, overwrite=True)
    with pytest.raises(errors.AlreadyExistsError):
        gfile.Rename(first, second)
    gfile.Rename(second, third)
    gfile.Remove(first)
    assert gfile.ListDirectory(str(tmp_path)) == ["3"] and gfile.GFile(third).read() == "content"


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda folder: gfile.GFile(folder + "/none").read(), errors.NotFoundError),
        (lambda folder: gfile.GFile(folder + "/none/x", "w").write(""), errors.NotFoundError),
        (lambda folder: gfile.GFile(folder + "/none").size(), errors.NotFoundError),
        (lambda folder: gfile.Remove(folder + "/none"), errors.NotFoundError),
        (lambda folder: gfile.ListDirectory(folder + "/none"), errors.NotFoundError),
        (lambda folder: gfile.DeleteRecursively(folder + "/none"), errors.NotFoundError),
        (lambda folder: gfile.Copy(folder + "/none", folder + "/x"), errors.NotFoundError),
        (lambda folder: gfile.MkDir(folder + "/none/x"), errors.NotFoundError),
        (lambda folder: gfile.GFile(folder).read(), errors.FailedPreconditionError),
    ],
)
def test_errors_are_tensorflows_and_name_the_file(tmp_path, call, kind):
    with pytest.raises(kind, match=str(tmp_path)):
        call(str(tmp_path))
