"""The spool keeps plain text unreadable and gives records back sorted, each once."""

from __future__ import annotations

import hashlib
import os
import tracemalloc
from pathlib import Path

import pytest

from vault.errors import SpoolError
from vault.sealing.sorting import ranges_of, seal_full_range
from vault.spooling.spool import Spool
from vault.spooling.spool_run import SPOOL_BLOCK_BYTES, Run, SpoolBlock, SpoolReader, SpoolWriter
from verify.key import RELATION, KeyFields, Record, key_of

RUNS, BLOCKS = 40, 100
MOST_BYTES_PER_PIECE = 130
"""Of the keys that are sorted to cut them; a piece is 100 more, and twice that where it is named in two ranges."""
SECRET_TEXT = b"a-display-name-that-must-not-lie-on-disk"


def user(number: int, text: bytes = SECRET_TEXT) -> Record:
    """One record of a user."""
    key = key_of(KeyFields("users", f"{number:08d}"))
    return Record(key, b'{"collection":"users","id":"%08d","value":{"displayName":"%b"}}' % (number, text))


def part(group: str, number: int, parts: int, text: bytes) -> Record:
    """One part of a group's members."""
    key = key_of(KeyFields("groups", group, (), RELATION, "members", number))
    return Record(key, b'{"collection":"groups","part":%d,"parts":%d,"value":"%b"}' % (number, parts, text))


def add_all(writer: SpoolWriter, records: list[Record], order: int) -> int:
    """Work for a worker process."""
    writer.add(records, order)
    return len(records)


def test_plain_text_never_reaches_the_disk(tmp_path: Path) -> None:
    """A thief of the disk must not find in the spool what he would not find in the archive."""
    with Spool(tmp_path / "spool", 1) as spool:
        spool.submit(add_all, [user(number) for number in range(2000)], 1).result()
        runs = spool.finish()
        content = b"".join(Path(run.path).read_bytes() for run in runs)
    assert len(content) > 10_000
    assert SECRET_TEXT not in content
    assert b"displayName" not in content
    assert b"00000007" not in content


def test_the_spool_is_gone_after_a_run(tmp_path: Path) -> None:
    """What a run leaves behind is found by whoever comes next."""
    with Spool(tmp_path / "spool", 1) as spool:
        spool.submit(add_all, [user(1)], 1).result()
        spool.finish()
    assert not (tmp_path / "spool").exists()


def test_leftovers_of_a_killed_run_are_swept(tmp_path: Path) -> None:
    """A killed run can't clean up; the next start does."""
    folder = tmp_path / "spool"
    folder.mkdir()
    (folder / "run-00000000").write_bytes(b"old")
    with Spool(folder, 1):
        assert list(folder.iterdir()) == []


def test_records_come_back_in_key_order_with_their_hashes(tmp_path: Path) -> None:
    """Pages arrive in Graph's order; tables and trees need the order of keys."""
    records = [user(number * 7919 % 5003) for number in range(5003)]
    with Spool(tmp_path / "spool", 2) as spool:
        for at in range(0, len(records), 500):
            spool.submit(add_all, records[at : at + 500], at).result()
        runs = spool.finish()
        keys: list[bytes] = []
        hashes: list[bytes] = []
        reader = SpoolReader(spool.key)
        for work in ranges_of(runs):
            for piece in work.pieces:
                rows = reader.rows_of(piece)
                keys += rows.keys
                hashes += rows.hashes
    expected = {record.key: hashlib.sha256(record.line).digest() for record in records}
    assert dict(zip(keys, hashes, strict=True)) == expected


def test_of_two_readings_of_an_object_the_later_one_is_sealed(tmp_path: Path) -> None:
    """An object that moves while a client pages is sent twice; the archive holds one, the newer."""
    with Spool(tmp_path / "spool", 2) as spool:
        spool.submit(add_all, [user(1, b"new"), user(2)], 2).result()
        spool.submit(add_all, [user(1, b"old")], 1).result()
        (work,) = ranges_of(spool.finish())
        sealed = seal_full_range(work, spool.key, bytes(32))
    assert sealed.counts["records"]["users"] == 2
    newer = hashlib.sha256(user(1, b"new").line).digest()
    assert newer in sealed.blocks[0].page
    assert hashlib.sha256(user(1, b"old").line).digest() not in sealed.blocks[0].page


def test_a_relation_read_again_replaces_all_its_parts(tmp_path: Path) -> None:
    """Four parts of an old reading beside two of a new one would make members of nobody's group."""
    old = [part("g", number, 4, b"old") for number in range(4)]
    new = [part("g", number, 2, b"new") for number in range(2)]
    with Spool(tmp_path / "spool", 2) as spool:
        spool.submit(add_all, old, 1).result()
        spool.submit(add_all, new, 2).result()
        (work,) = ranges_of(spool.finish())
        sealed = seal_full_range(work, spool.key, bytes(32))
    assert sealed.counts["records"]["groups"] == 2


def test_a_spool_without_room_is_a_named_error(tmp_path: Path) -> None:
    """An operator must read "the spool can't be made" and not a traceback."""
    blocker = tmp_path / "file"
    blocker.write_bytes(b"")
    with pytest.raises(SpoolError, match="can't be made"):
        Spool(blocker / "spool", 1)


def test_ranges_are_cut_when_their_turn_comes() -> None:
    """A large tenant has hundreds of ranges, each with a piece of every run: all at once they are 50 MB of places."""
    runs = [
        Run(
            f"run-{number}",
            number,
            tuple(spool_block(at, number) for at in range(BLOCKS)),
        )
        for number in range(RUNS)
    ]
    tracemalloc.start()
    pieces = sum(len(work.pieces) for work in ranges_of(runs))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert pieces >= RUNS * BLOCKS
    assert peak / pieces < MOST_BYTES_PER_PIECE


def spool_block(at: int, number: int) -> SpoolBlock:
    """Block `at` of a run; all runs go through all keys."""
    first, last = (user(1000 * at + number + more).key for more in (0, 900))
    return SpoolBlock(first, last, at << 17, 9000, 20_000, SPOOL_BLOCK_BYTES, 90)


def test_what_lies_in_the_place_of_the_spool_and_is_no_folder_is_refused(tmp_path: Path) -> None:
    """Removing a FIFO's content would wait for ever for somebody who writes into it."""
    os.mkfifo(tmp_path / "spool")
    with pytest.raises(SpoolError, match="can't be made"):
        Spool(tmp_path / "spool", 1)
