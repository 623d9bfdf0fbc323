"""A bit flipped inside the encryption, sealed and signed again: FAIL, or the same is read.

This is what a sealer with a broken memory, or an adversary with the sealer's keys, can do:
digests and signatures are right about the wrong plaintext, so that the tables alone stand against
it. The bits that make no difference are those that zstd does not read: bit 4 of a frame header's
descriptor (RFC 8878, section 3.1.1.1.1.3), and padding of its entropy tables.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.kit.archive import forge
from tests.verify.kit.crew import short_story
from tests.verify.kit.edit import flipped
from tests.verify.kit.reader import tables_of
from tests.verify.kit.sealing import Sealer
from tests.verify.kit.verdict import verdict_on

EXAMPLES = 150
DESCRIPTOR_AT = 4
"""Offset of the frame header descriptor in the first data frame."""


def _plaintext() -> bytes:
    story = short_story()
    sealer = Sealer(story)
    sealer.seal(story.snapshots[0])
    return sealer.sealed[0].plaintext


PLAINTEXT = _plaintext()


def _exit_status_with_flipped(folder: Path, at: int, bit: int) -> int:
    story = short_story()
    story.snapshots[0].bundle.plaintext = flipped(at, bit)
    return verdict_on(forge(folder, story), level=1).exit_status


@given(at=st.integers(0, len(PLAINTEXT) - 1), bit=st.integers(0, 7))
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_flipped_bit_inside_the_encryption_is_a_fail_or_reads_the_same(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    """Every bit of a plaintext is covered by a hash, a length or a rule, and none may crash the reader."""
    exit_status = _exit_status_with_flipped(tmp_path_factory.mktemp("bit"), at, bit)
    if exit_status == 0:
        assert tables_of(flipped(at, bit)(PLAINTEXT)) == tables_of(PLAINTEXT)
    else:
        assert exit_status == 5


def test_the_unused_bit_of_a_frame_header_makes_no_difference(tmp_path: Path) -> None:
    """A bit that no decoder reads is the one kind of bit that may change unseen."""
    assert _exit_status_with_flipped(tmp_path, DESCRIPTOR_AT, 4) == 0


def test_every_other_bit_of_a_frame_header_is_a_fail(tmp_path: Path) -> None:
    """Magic number, descriptor and content size of the first data frame, bit by bit."""
    for at in range(7):
        for bit in range(8):
            if (at, bit) != (DESCRIPTOR_AT, 4):
                assert _exit_status_with_flipped(tmp_path / f"{at}-{bit}", at, bit) == 5
