"""Small files that a person names: read whole or refused, never waited for, and never a secret repeated."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.crew import sound_story
from verify.errors import MalformedError, NoIdentityError, StrongroomError, UnreachableArchiveError, UsageError
from verify.identity import MAX_IDENTITY_FILE_BYTES
from verify.identity_file import identities_in, is_stream
from verify.remembered import MAX_REMEMBERED_BYTES, remembered_in
from verify.small_file import small_file
from verify.trust import fingerprint_of

READERS = {
    "trust root": (fingerprint_of, UsageError),
    "identity": (identities_in, NoIdentityError),
    "memory": (lambda word: remembered_in(Path(word)), UnreachableArchiveError),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> ForgedArchive:
    """A sound archive, for its identity file."""
    return forge(tmp_path_factory.mktemp("named"), sound_story())


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["FIFO", "folder", "device without end", "device that is empty"])
@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, reader: str, kind: str) -> None:
    """A FIFO that nobody writes into would be waited for, a device be read until memory ends."""
    place = {"FIFO": tmp_path / "fifo", "folder": tmp_path / "folder"}.get(
        kind, Path("/dev/zero" if kind == "device without end" else "/dev/null")
    )
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    read: Callable[[str], object]
    read, expected = READERS[reader]
    with pytest.raises(StrongroomError, match="not a regular file") as caught:
        read(str(place))
    assert type(caught.value) is expected and caught.value.next_step


def test_a_small_file_is_cut_one_byte_above_its_limit(tmp_path: Path) -> None:
    """Its reader sees that it is too long, and nobody reads a disk image into memory."""
    (tmp_path / "file").write_bytes(b"x" * 100)
    assert small_file(tmp_path / "file", 100) == b"x" * 100
    assert small_file(tmp_path / "file", 10) == b"x" * 11


def test_a_memory_that_is_longer_than_any_log_is_refused(tmp_path: Path) -> None:
    """The file is sparse; reading it whole would take a gigabyte."""
    with (tmp_path / "memory").open("wb") as file:
        file.truncate(MAX_REMEMBERED_BYTES + 2)
    with pytest.raises(MalformedError, match="too long"):
        remembered_in(tmp_path / "memory")


@pytest.mark.parametrize("place", ["absent/memory", "link"])
def test_a_memory_that_can_not_be_written_is_found_before_the_work(tmp_path: Path, place: str) -> None:
    """After an hour of proving there would be no verdict and nothing remembered."""
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnreachableArchiveError, match="can't be written"):
        remembered_in(tmp_path / place)


def test_a_new_memory_is_nobody_s_yet(tmp_path: Path) -> None:
    """The first visit remembers nothing, and is no error."""
    assert remembered_in(tmp_path / "memory") is None


def test_an_identity_comes_from_a_pipe_of_the_shell(archive: ForgedArchive) -> None:
    """`--identity <(age -d ...)`: the writer may be slow, and the bytes never lie on a disk."""
    ours, theirs = os.pipe()
    content = archive.identity_path.read_bytes()

    def write() -> None:
        with os.fdopen(theirs, "wb") as file:
            file.write(content[:10])
            file.flush()
            ready.wait(0.2)
            file.write(content[10:])

    ready = threading.Event()
    writer = threading.Thread(target=write)
    writer.start()
    word = f"/dev/fd/{ours}"
    try:
        assert is_stream(word) and identities_in(word) == identities_in(str(archive.identity_path))
    finally:
        writer.join()
        os.close(ours)


@pytest.mark.parametrize("word", ["/dev/fd/999999", "/proc/self/fd/999999"])
def test_a_descriptor_that_is_not_open_is_a_named_error(word: str) -> None:
    """A mistyped number is no defect."""
    with pytest.raises(NoIdentityError, match="Bad file descriptor"):
        identities_in(word)


@pytest.mark.parametrize("word", ["identity.txt", "/dev/fd/", "/dev/fd/1x", "/dev/fd/1/2", "/dev/shm/identity.txt"])
def test_a_path_is_no_stream(word: str) -> None:
    """What lies on a host is remembered by `doctor`, so that nobody forgets to take it away."""
    assert not is_stream(word)


def test_standard_input_without_an_identity_is_said_to_be_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the caller closed it, which the programs make an empty one."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"# nothing\n")))
    with pytest.raises(NoIdentityError, match="standard input holds no identity"):
        identities_in("-")


ENCRYPTED = [
    b"age-encryption.org/v1\n-> scrypt 0123456789abcdefghijkl 18\nAAAA\n--- AAAA\n\x00\xff",
    b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3JnL3Yx\n-----END AGE ENCRYPTED FILE-----\n",
]


@pytest.mark.parametrize("content", ENCRYPTED, ids=["binary", "armored"])
def test_an_encrypted_identity_file_is_named_as_one_with_the_way_to_open_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """`age -p` is how people keep an identity; "not text" would make them think that it is lost."""
    file = tmp_path / "my identity.age"
    file.write_bytes(content)
    with pytest.raises(NoIdentityError, match="is encrypted with age") as caught:
        identities_in(str(file))
    assert f"`age -d '{file}' | " in caught.value.next_step and caught.value.exit_status == 40
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    with pytest.raises(NoIdentityError, match="standard input is encrypted") as caught:
        identities_in("-")
    assert "`age -d FILE | " in caught.value.next_step


def test_an_identity_file_of_the_greatest_size_is_read_and_a_longer_one_is_not(tmp_path: Path) -> None:
    """The limit is the reader's, on every way in."""
    for extra, match in ((0, "holds no identity"), (1, "too long")):
        (tmp_path / "file").write_bytes(b"#" * (MAX_IDENTITY_FILE_BYTES + extra))
        with pytest.raises((NoIdentityError, MalformedError), match=match):
            identities_in(str(tmp_path / "file"))
