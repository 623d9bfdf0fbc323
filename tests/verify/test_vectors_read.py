"""Commands that read a snapshot find in it what the ceremony finds, but for what only the whole of it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

import verify.errors
from tests.vectors.catalogue import VECTORS
from tests.vectors.vector import Vector
from tests.verify.kit.archive import forge
from verify.archive import Archive
from verify.errors import StrongroomError
from verify.identity_file import identities_in
from verify.store import DirectoryReader

BROKEN = [
    vector
    for vector in VECTORS
    if vector.verdict == "FAIL"
    and vector.check in ("C21", "C22", "C23", "C24")
    and vector.must != "F-STATE-1"  # the root over all records, which a read of some does not compute
    and "--identity" not in vector.arguments
]


UNSOUND = [
    vector
    for vector in VECTORS
    if vector.verdict == "FAIL"
    and vector.check in ("C01", "C02", "C03", "C05")
    and not (vector.check == "C05" and vector.must == "F-JSON-2")  # members of statements that no command reads
    and "--trust" not in vector.arguments
]


@pytest.mark.parametrize("vector", UNSOUND, ids=lambda vector: vector.id)
def test_what_is_wrong_with_the_log_ends_its_reading(vector: Vector, tmp_path: Path) -> None:
    """Whoever lists snapshots gets the list that was signed, or none."""
    forged = forge(tmp_path, vector.story())
    with pytest.raises(StrongroomError) as caught:
        list(Archive.open(DirectoryReader(forged.path), forged.fingerprint).manifests())
    assert isinstance(caught.value, getattr(verify.errors, str(vector.error)))


@pytest.mark.parametrize("vector", BROKEN, ids=lambda vector: vector.id)
def test_what_is_wrong_with_a_snapshot_ends_its_reading(vector: Vector, tmp_path: Path) -> None:
    """An export must not print what a verdict would refuse."""
    forged = forge(tmp_path, vector.story())
    identities = identities_in(str(forged.identity_path))
    archive = Archive.open(DirectoryReader(forged.path), forged.fingerprint)
    with pytest.raises(StrongroomError) as caught:
        for manifest in archive.manifests():
            snapshot = archive.open_snapshot(manifest, identities)
            for _ in snapshot.records():
                pass
            for _ in snapshot.rows():
                pass
    assert isinstance(caught.value, getattr(verify.errors, str(vector.error)))


@pytest.mark.parametrize("vector", [one for one in BROKEN if one.check == "C23"], ids=lambda vector: vector.id)
def test_a_wrong_line_ends_the_reading_of_its_record_alone(vector: Vector, tmp_path: Path) -> None:
    """`show` reads one record out of a block, and a difference some; neither looks at the lines around it."""
    story = vector.story()
    forged = forge(tmp_path, story)
    archive = Archive.open(DirectoryReader(forged.path), forged.fingerprint)
    identities = identities_in(str(forged.identity_path))
    with pytest.raises(StrongroomError) as caught:
        for manifest in archive.manifests():
            snapshot = archive.open_snapshot(manifest, identities)
            for rows in snapshot.rows():
                for key in rows.keys:
                    snapshot.record(key)
    assert isinstance(caught.value, getattr(verify.errors, str(vector.error)))
