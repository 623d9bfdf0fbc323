"""A verified snapshot gives what was sealed, by every way of asking; forged archives say what that is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vectors.catalogue import VECTORS
from tests.vectors.vector import Vector
from tests.verify.kit.archive import ForgedArchive, forge, write_files
from tests.verify.kit.crew import APPLICATION, STRANGER, sound_story, user_id
from tests.verify.kit.edit import always
from tests.verify.kit.story import Story
from verify.archive import Archive
from verify.errors import DigestError, LogError, MalformedError, UsageError, WrongIdentityError
from verify.identity import Identity
from verify.identity_file import identities_in
from verify.key import KeyFields, Record, key_of
from verify.name import checkpoint_name_of, entry_name_of, so_far_name_of
from verify.snapshot import VerifiedSnapshot
from verify.store import DirectoryReader


class Place:
    """A forged archive, and what its verifier is given."""

    def __init__(self, folder: Path, story: Story) -> None:
        self.story = story
        self.forged: ForgedArchive = forge(folder, story)
        self.identities: tuple[Identity, ...] = identities_in(str(self.forged.identity_path))

    def open(self) -> Archive:
        """Opens the archive anew."""
        return Archive.open(DirectoryReader(self.forged.path), self.forged.fingerprint)

    def snapshot(self, sequence: int) -> VerifiedSnapshot:
        """Opens one of its four snapshots: a full, its delta, the next full, its delta."""
        archive = self.open()
        return archive.open_snapshot(archive.manifest(sequence), self.identities)

    def live(self, sequence: int) -> list[Record]:
        """The records that went in."""
        return [Record(one.key, one.line) for one in self.story.snapshots[sequence - 1].live]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Two epochs, a full and a delta each."""
    yield Place(tmp_path_factory.mktemp("snapshot"), sound_story())


sequences = pytest.mark.parametrize("sequence", [1, 2, 3, 4])


@sequences
def test_all_records_come_in_order(place: Place, sequence: int) -> None:
    """An export and a difference are made from this."""
    assert list(place.snapshot(sequence).records()) == place.live(sequence)


@sequences
def test_each_record_can_be_read_alone(place: Place, sequence: int) -> None:
    """A point read; and a key of another day is not there."""
    snapshot = place.snapshot(sequence)
    for key in {record.key for day in (1, 2, 3, 4) for record in place.live(day)}:
        expected = {record.key: record for record in place.live(sequence)}.get(key)
        assert snapshot.record(key) == expected
    assert snapshot.record(b"\x01") is None
    assert snapshot.record(b"zzz\x00z\x00\x00o\x00") is None


@sequences
def test_rows_are_the_keys_and_hashes_of_the_live_records(place: Place, sequence: int) -> None:
    """Two snapshots are compared by their rows, without any text."""
    rows = [row for page in place.snapshot(sequence).rows() for row in zip(page.keys, page.hashes, strict=True)]
    assert rows == [(record.key, record.hash) for record in place.story.snapshots[sequence - 1].live]


@sequences
def test_lines_of_chosen_keys_come_in_order(place: Place, sequence: int) -> None:
    """A difference reads the changed records only; keys that are not there are left out."""
    wanted = sorted({record.key for day in (1, 2, 3, 4) for record in place.live(day)})[::2]
    expected = [record for record in place.live(sequence) if record.key in wanted]
    assert list(place.snapshot(sequence).lines(wanted)) == expected


@sequences
@pytest.mark.parametrize("prefix", [b"", b"users\x00", b"groups\x00", b"a", b"zzz", b"users\x00" + user_id(3).encode()])
def test_a_prefix_gives_its_records_and_no_other(place: Place, sequence: int, prefix: bytes) -> None:
    """One collection, or one object, is read without the rest."""
    snapshot = place.snapshot(sequence)
    expected = [record for record in place.live(sequence) if record.key.startswith(prefix)]
    assert list(snapshot.records(prefix)) == expected
    assert [key for page in snapshot.rows(prefix) for key in page.keys] == [record.key for record in expected]


def test_an_object_comes_with_its_streams_and_relations(place: Place) -> None:
    """`show` prints them together."""
    kinds = [record.key.split(b"\x00")[3] for record in place.snapshot(2).records_of("users", user_id(1))]
    assert kinds == [b"o", b"sphoto"]


def test_a_contained_object_is_found_with_and_without_its_parent(place: Place) -> None:
    """Its id is unique under its parent only."""
    snapshot = place.snapshot(1)
    key = key_of(KeyFields("federatedIdentityCredentials", "fic-1", ("applications", APPLICATION)))
    for parent in (None, ("applications", APPLICATION)):
        assert [one.key for one in snapshot.records_of("federatedIdentityCredentials", "fic-1", parent)] == [key]
    assert list(snapshot.records_of("federatedIdentityCredentials", "fic-1", ("applications", "other"))) == []
    assert list(snapshot.records_of("federatedIdentityCredentials", "fic-1", ())) == []


def test_a_stranger_s_identity_opens_nothing(place: Place, tmp_path: Path) -> None:
    """A command that reads refuses to go on."""
    (tmp_path / "stranger.txt").write_text(STRANGER.text + "\n")
    archive = place.open()
    with pytest.raises(WrongIdentityError):
        archive.open_snapshot(archive.manifest(1), identities_in(str(tmp_path / "stranger.txt")))


@pytest.mark.parametrize(
    ("word", "sequence"),
    [
        ("latest", 4), ("latest~0", 4), ("latest~3", 1), ("2", 2), ("2026-01-02", 2), ("2026-01-04T02:17:00Z", 3),
        ("2026-01-04T02:16:59Z", 2), ("2026-01-04T03:17:00+01:00", 3), ("2030-01-01T00:00:00Z", 4),
    ],
)  # fmt: skip
def test_a_word_selects_its_snapshot(place: Place, word: str, sequence: int) -> None:
    """COMMANDS.md section 1: number, latest, latest~2, the last one of a day, the last one at or before an instant."""
    assert place.open().select(word).sequence == sequence


@pytest.mark.parametrize(
    "word", ["0", "5", "latest~4", "2026-01-03", "2026-02-30", "2025-12-31T00:00:00Z", "2026-01-04T02:17:00",
        "yesterday", "", "-1"]
)  # fmt: skip
def test_a_word_that_names_no_snapshot_is_a_usage_error(place: Place, word: str) -> None:
    """A guess would restore the wrong day."""
    with pytest.raises(UsageError):
        place.open().select(word)


def test_manifests_come_newest_first(place: Place) -> None:
    """`snapshots` lists them so."""
    assert [manifest.sequence for manifest in place.open().manifests()] == [4, 3, 2, 1]


def test_a_delta_leans_on_the_full_of_its_epoch(place: Place) -> None:
    """Whoever copies a delta copies its full."""
    archive = place.open()
    assert [archive.full_of(archive.manifest(sequence)).sequence for sequence in (1, 2, 3, 4)] == [1, 1, 3, 3]


@pytest.mark.parametrize(
    "vector",
    [one for one in VECTORS if one.must == "F-MAN-2" and one.id.startswith("delta-")],
    ids=lambda vector: vector.id,
)
def test_a_delta_that_leans_on_something_else_is_not_opened(vector: Vector, tmp_path: Path) -> None:
    """A command that reads one snapshot proves the same of it as the ceremony that reads them all."""
    place = Place(tmp_path, vector.story())
    archive = place.open()
    with pytest.raises(LogError, match="F-MAN-2"):
        archive.open_snapshot(archive.select("latest"), place.identities)


def test_a_tombstone_of_what_never_was_is_found_where_the_full_has_no_page(tmp_path: Path) -> None:
    """A collection before all others is asked for; of the full, no page is read for it."""
    story = sound_story()
    story.snapshots[1].bundle.tombstones = always([b"aardvarks\x001\x00\x00o\x00"])
    snapshot = Place(tmp_path, story).snapshot(2)
    with pytest.raises(MalformedError, match="F-STATE-3"):
        list(snapshot.rows(b"aardvarks\x00"))


def test_a_table_that_would_hide_a_record_is_refused_before_any_is_looked_up(tmp_path: Path) -> None:
    """`show` says that an object is not there; it must not be led to say so by first keys in a false order."""
    (vector,) = (one for one in VECTORS if one.id == "first-keys-in-another-order")
    place = Place(tmp_path, vector.story())
    archive = place.open()
    with pytest.raises(MalformedError, match="F-BUN-4"):
        archive.open_snapshot(archive.manifest(1), place.identities)


def test_a_damaged_list_of_leaf_hashes_is_not_believed(tmp_path: Path) -> None:
    """It saves reading and proves nothing: the entries are read instead."""
    place = Place(tmp_path, sound_story())
    for size in (2, 6):
        content = bytearray((place.forged.path / so_far_name_of(size)).read_bytes())
        content[-1] ^= 1
        (place.forged.path / so_far_name_of(size)).write_bytes(content)
    assert list(place.snapshot(4).records()) == place.live(4)


def test_a_changed_entry_is_a_log_error_when_it_is_read(tmp_path: Path) -> None:
    """Opening reads few entries; what it reads is compared with the tree."""
    place = Place(tmp_path, sound_story())
    path = place.forged.path / entry_name_of(1)
    path.write_bytes(path.read_bytes() + b" ")
    archive = place.open()
    with pytest.raises(LogError):
        archive.manifest(1)


def test_a_missing_entry_is_a_log_error(tmp_path: Path) -> None:
    """The log commits to it, so it was taken away."""
    place = Place(tmp_path, sound_story())
    (place.forged.path / entry_name_of(6)).unlink()
    with pytest.raises(LogError):
        place.open()


def test_a_missing_bundle_is_a_digest_error(tmp_path: Path) -> None:
    """The command refuses, and names the file to fetch from elsewhere."""
    place = Place(tmp_path, sound_story())
    archive = place.open()
    sha256 = archive.manifest(3).bundle.sha256
    next(place.forged.path.rglob(f"{sha256}.age")).unlink()
    with pytest.raises(DigestError, match=sha256):
        place.snapshot(4)


def test_an_older_checkpoint_makes_an_older_archive(tmp_path: Path) -> None:
    """A copy that was cut off before its newest checkpoint is sound, and ends earlier."""
    place = Place(tmp_path, sound_story())
    (place.forged.path / checkpoint_name_of(7)).unlink()
    assert place.open().select("latest").sequence == 3


def test_opening_reads_little_of_a_long_log(tmp_path: Path) -> None:
    """Ten years are 40,000 entries; a point read can't wait for all of them."""
    place = Place(tmp_path, sound_story())
    read: list[str] = []

    class Counting(DirectoryReader):
        def read(self, name: str, offset: int, length: int) -> bytes:
            read.append(name)
            return super().read(name, offset, length)

    archive = Archive.open(Counting(place.forged.path), place.forged.fingerprint)
    archive.select("latest")
    assert [name for name in read if name.startswith("log/entries/")] == [entry_name_of(6)] * 2


def test_a_copy_under_other_names_is_no_archive(tmp_path: Path) -> None:
    """An empty folder is reached and holds nothing that the fingerprint names."""
    write_files(tmp_path / "archive", {"something": b""})
    with pytest.raises(DigestError):
        Archive.open(DirectoryReader(tmp_path / "archive"), "00" * 32)
