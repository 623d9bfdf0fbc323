"""Any single bit flipped in any file of an archive: FAIL naming the file, or no difference in what is read.

No difference is made by exactly these bits: files that are no part of the archive, bundles that no manifest
names, entries beyond the newest checkpoint, and signature lines of a checkpoint by keys that the trust root
does not name.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.checkpoint import signature_line_of
from tests.verify.kit.crew import short_story, sound_story
from tests.verify.kit.story import Story
from tests.verify.kit.verdict import verdict_on

EXAMPLES = 150
SMALL_BYTES = 4096
"""Files up to this size are swept byte by byte; larger ones are sampled."""

HARMLESS = {
    "READ ME.txt": b"carried along by a person",
    f"bundles/sha256/ab/ab{'0' * 62}.age": b"a bundle of a run that was cut off",
    "log/entries/00000007.dsse.json": b"an entry of a run that was cut off",
}
WITNESS = signature_line_of("witness.example.com/w1", 4, bytes(32), bytes(72))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> ForgedArchive:
    """Two epochs, two roots, both kinds of recipient: every kind of file that an archive has."""
    return forge(tmp_path_factory.mktemp("flipped"), sound_story())


@pytest.fixture(scope="module")
def small_archive(tmp_path_factory: pytest.TempPathFactory) -> ForgedArchive:
    """One full, for the sweep over every byte."""
    return forge(tmp_path_factory.mktemp("swept"), short_story())


@pytest.fixture(scope="module")
def cluttered_archive(tmp_path_factory: pytest.TempPathFactory) -> ForgedArchive:
    """The same two epochs, with everything around that proves nothing."""
    return forge(tmp_path_factory.mktemp("cluttered"), _cluttered(sound_story()))


def _cluttered(story: Story) -> Story:
    story.files = lambda files: {**files, **HARMLESS}
    for size in (3, 7):
        story.checkpoint(size).lines = lambda lines: [*lines, WITNESS]
    return story


def _files_of(archive: ForgedArchive) -> list[Path]:
    return sorted(path for path in archive.path.rglob("*") if path.is_file())


def _flip(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def _assert_failing(archive: ForgedArchive, path: Path, bit: int) -> None:
    """Flips the bit, asks for the verdict at level 0, and flips it back."""
    name = path.relative_to(archive.path).as_posix()
    _flip(path, bit)
    try:
        verdict = verdict_on(archive, level=0)
    finally:
        _flip(path, bit)
    assert verdict.exit_status == 5, f"bit {bit} of {name} changes nothing"
    assert verdict.names(name), f"no failed check names {name}: {verdict.failures}"


@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_in_any_file_is_a_fail_that_names_the_file(archive: ForgedArchive, data: st.DataObject) -> None:
    """Media rot and adversaries change bits; whoever is told which file fetches it from another store."""
    path = data.draw(st.sampled_from(_files_of(archive)))
    bit = data.draw(st.integers(0, path.stat().st_size * 8 - 1))
    _assert_failing(archive, path, bit)


def test_a_flipped_bit_in_every_file_is_a_fail_that_names_the_file(archive: ForgedArchive) -> None:
    """No file is left to chance: the first, a middle and the last byte of each."""
    for path in _files_of(archive):
        size = path.stat().st_size
        for byte in {0, size // 2, size - 1}:
            _assert_failing(archive, path, byte * 8 + byte % 8)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_flipped_bit_in_any_byte_of_a_small_file_is_a_fail_that_names_the_file(
    small_archive: ForgedArchive,
) -> None:
    """A sweep finds the one byte that nobody covers, which samples miss."""
    for path in _files_of(small_archive):
        if path.stat().st_size <= SMALL_BYTES:
            for byte in range(path.stat().st_size):
                _assert_failing(small_archive, path, byte * 8 + byte % 8)


@given(data=st.data())
@settings(max_examples=EXAMPLES // 5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_in_what_proves_nothing_changes_nothing(
    cluttered_archive: ForgedArchive, data: st.DataObject
) -> None:
    """Leftovers of runs that were cut off and files of other people must not raise an alarm."""
    path = cluttered_archive.path / data.draw(st.sampled_from(sorted(HARMLESS)))
    bit = data.draw(st.integers(0, path.stat().st_size * 8 - 1))
    _flip(path, bit)
    try:
        assert verdict_on(cluttered_archive, level=0).exit_status == 0
    finally:
        _flip(path, bit)


@pytest.mark.parametrize("size", [3, 7])
def test_a_flipped_bit_in_a_witness_s_signature_changes_nothing(cluttered_archive: ForgedArchive, size: int) -> None:
    """A signature by a key that the root does not name is ignored, so its bits mean nothing here."""
    path = cluttered_archive.path / f"log/checkpoints/{size:08d}"
    content = path.read_bytes()
    at = content.index(b"witness.example.com") + len("witness.example.com/w1 ") + 20
    path.write_bytes(content[:at] + (b"A" if content[at : at + 1] != b"A" else b"B") + content[at + 1 :])
    try:
        assert verdict_on(cluttered_archive, level=0).exit_status == 0
    finally:
        path.write_bytes(content)
