"""The directory reader: what is there, nothing else, and never a wait."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from verify.errors import MissingFileError, UnreachableArchiveError
from verify.store import DirectoryReader


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A few files, a FIFO and a loop of links."""
    for name in ("log/entries/00000000.dsse.json", "log/entries/00000001.dsse.json", "log-notes", "root/1.root.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    os.mkfifo(tmp_path / "log" / "fifo")
    (tmp_path / "root" / "loop").symlink_to(tmp_path)
    return tmp_path


def test_names_come_in_their_order(folder: Path) -> None:
    """An object store lists by the bytes of whole names; both readers must agree."""
    names = [name for name, _ in DirectoryReader(folder).list("log")]
    assert names == ["log-notes", "log/entries/00000000.dsse.json", "log/entries/00000001.dsse.json"]


def test_a_prefix_need_not_end_at_a_folder(folder: Path) -> None:
    """As in an object store."""
    assert dict(DirectoryReader(folder).list("log/entries/00000001")) == {"log/entries/00000001.dsse.json": 30}
    assert list(DirectoryReader(folder).list("nothing/here/")) == []


def test_a_loop_of_links_ends(folder: Path) -> None:
    """A medium may hold anything."""
    assert len(list(DirectoryReader(folder).list(""))) < 100


def test_a_range_is_read(folder: Path) -> None:
    """Fewer bytes come only at the end of the file."""
    reader = DirectoryReader(folder)
    assert reader.read("log-notes", 4, 100) == b"notes"
    assert reader.size("log-notes") == 9


@pytest.mark.parametrize("name", ["nothing", "log-notes/x", "log/fifo", "log/entries"])
def test_what_is_no_file_is_missing(folder: Path, name: str) -> None:
    """A FIFO under an expected name must not hang the verifier."""
    with pytest.raises(MissingFileError):
        DirectoryReader(folder).read(name, 0, 1)


def test_a_socket_is_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It can't be opened at all, and is as little there as a FIFO."""
    monkeypatch.chdir(folder / "log")  # the name of a socket has little room for a path
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
    with pytest.raises(MissingFileError):
        DirectoryReader(folder).read("log/socket", 0, 1)


def test_a_link_is_neither_a_file_nor_a_folder(folder: Path) -> None:
    """What a link leads to is not in the archive, whether it lies there or elsewhere; lists and reads agree on that."""
    (folder / "log" / "entries" / "00000002.dsse.json").symlink_to(folder / "log-notes")
    (folder / "bundles").symlink_to(folder / "log")
    (folder / "keys").mkdir()
    (folder / "keys" / "deeper").symlink_to(folder / "log" / "entries")
    reader = DirectoryReader(folder)
    names = ("log/entries/00000002.dsse.json", "bundles/entries/00000000.dsse.json", "keys/deeper/00000000.dsse.json")
    listed = {name for name, _ in reader.list("")}
    for name in names:
        assert name not in listed
        with pytest.raises(MissingFileError):
            reader.read(name, 0, 1)
        with pytest.raises(MissingFileError):
            reader.size(name)


def test_folders_are_listed_no_deeper_than_an_archive_has_them(folder: Path) -> None:
    """A medium with a million folders inside each other would end in the depths of the interpreter."""
    deep = folder.joinpath(*["d"] * 5)
    deep.mkdir(parents=True)
    (deep.parent / "seen").touch()
    (deep / "unseen").touch()
    assert [name for name, _ in DirectoryReader(folder).list("d")] == ["d/d/d/d/seen"]


def test_no_more_memory_is_asked_for_than_there_are_bytes(folder: Path) -> None:
    """A manifest may state any length; what lies there bounds it."""
    assert DirectoryReader(folder).read("log-notes", 0, 1 << 62) == b"log-notes"


def test_a_directory_that_is_not_there_can_t_be_reached(tmp_path: Path) -> None:
    """Exit 20 and no verdict: nothing is known of the archive."""
    with pytest.raises(UnreachableArchiveError):
        DirectoryReader(tmp_path / "nothing")


def test_what_is_no_file_is_named_apart(folder: Path) -> None:
    """It is not there for a proof, and is there for whoever asks what lies around."""
    assert list(DirectoryReader(folder).others()) == ["log/", "log/entries/", "log/fifo", "root/", "root/loop"]
