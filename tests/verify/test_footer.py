"""What a footer states bounds what is asked for on its word: rows and blocks that its plaintext has room for."""

from __future__ import annotations

import pytest

from tests.verify.kit.edit import fields
from tests.verify.kit.tables import FOOTER, FULL, Footer, skippable_frame_of
from tests.verify.test_presentation import FULL_MANIFEST
from verify.errors import MalformedError
from verify.footer import footer_of

_LENGTH = 10_000
"""Bytes of a plaintext whose object table begins at 4,000 and ends at 8,000."""
_SOUND = Footer(
    b"SRbundl1", FULL, bytes(7), bytes.fromhex(FULL_MANIFEST.archive_id), 1, 1, 100, 0, 4_000, 8_000, 9_000,
    _LENGTH - 208, 10, bytes(4), bytes(32), bytes(32), bytes(32),
)  # fmt: skip


def _parsed(**changes: int) -> int:
    frame = skippable_frame_of(FOOTER, fields(**changes)(_SOUND).pack())
    return footer_of(frame, _LENGTH, FULL_MANIFEST, "bundle").rows


def test_a_footer_with_room_for_its_rows_and_blocks_is_read() -> None:
    """A record hash takes 32 bytes, a block with its page at least 64."""
    assert _parsed() == 100
    assert _parsed(rows=250, blocks=125) == 250


@pytest.mark.parametrize("changes", [{"rows": 251}, {"rows": 2**40}, {"rows": 250, "blocks": 126}])
def test_a_footer_without_room_for_them_is_refused(changes: dict[str, int]) -> None:
    """Leaves and tables are made room for by these numbers, before a page or a table is read."""
    with pytest.raises(MalformedError, match="room"):
        _parsed(**changes)
