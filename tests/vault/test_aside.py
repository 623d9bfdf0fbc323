"""What a worker sets aside is on disk for itself alone, and says nothing to others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import SpoolError
from vault.spooling.aside import Aside
from vault.spooling.spool_run import SpoolWriter
from verify.key import Record

KEY = bytes(32)


def test_what_is_set_aside_comes_back(tmp_path: Path) -> None:
    """In any order, however long, and empty too."""
    aside = Aside(tmp_path / "aside", AESGCM(KEY), 1)
    contents = [b"", b"a" * 100_000, b"b", b"", bytes(range(256))]
    numbers = [aside.put(content) for content in contents]
    assert [aside.content_of(number) for number in reversed(numbers)] == contents[::-1]


def test_nothing_is_made_before_something_is_set_aside(tmp_path: Path) -> None:
    """Most tenants need none of it."""
    aside = Aside(tmp_path / "aside", AESGCM(KEY), 1)
    assert list(tmp_path.iterdir()) == []
    aside.put(b"x")
    assert (tmp_path / "aside").stat().st_mode & 0o777 == 0o600


def test_nobody_reads_it_without_the_key(tmp_path: Path) -> None:
    """Ids of a tenant lie on the disk of a host that was killed."""
    aside = Aside(tmp_path / "aside", AESGCM(KEY), 1)
    for _ in range(2):
        aside.put(b"secret" * 100)
    content = (tmp_path / "aside").read_bytes()
    assert b"secret" not in content
    half = len(content) // 2
    assert content[:half] != content[half:], "each under a nonce of its own"


def test_nonces_are_those_of_no_run_and_of_no_other_worker(tmp_path: Path) -> None:
    """One nonce used twice under one key gives both texts away."""
    key = AESGCM(KEY)
    first, other = (Aside(tmp_path / f"aside-{worker}", key, worker) for worker in (0, 1))
    assert first.put(b"x") == other.put(b"x") == 0
    sealed = [(tmp_path / f"aside-{worker}").read_bytes() for worker in (0, 1)]
    assert sealed[0] != sealed[1]
    writer = SpoolWriter(tmp_path, KEY, 0)
    writer.add([Record(b"key", b"x")], 0)
    (run,) = writer.finish()
    with pytest.raises(InvalidTag):
        key.decrypt((run.number).to_bytes(4, "big") + bytes(8), sealed[0], None)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_said_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends the run as any other full disk does."""
    real = os.open
    monkeypatch.setattr(os, "open", lambda _, flags, *more: real("/dev/full", flags & ~(os.O_CREAT | os.O_EXCL), *more))
    aside = Aside(tmp_path / "aside", AESGCM(KEY), 1)
    with pytest.raises(SpoolError, match="can't be written: No space left"):
        aside.put(b"x")
