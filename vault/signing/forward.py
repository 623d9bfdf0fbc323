"""Evidence carried forward: beside every full, the log so far and all roots and canaries (FORMAT.md section 12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verify.canary import canary_name_of
from verify.carried import carried_file_of
from verify.name import carried_name_of, root_name_of, so_far_name_of


def so_far_files_of(
    archive_id: str, size: int, leaves: bytes, roots: Mapping[int, bytes], canaries: Mapping[str, bytes]
) -> Iterator[tuple[str, bytes]]:
    """Yields name and content of the two files for a log of `size` entries.

    `roots` are files by number, `canaries` by the fingerprint of their recipient.
    """
    yield so_far_name_of(size), leaves
    copies = carried_file_of(
        archive_id,
        [(root_name_of(number), content) for number, content in sorted(roots.items())],
        [(canary_name_of(fingerprint), content) for fingerprint, content in canaries.items()],
    )
    yield carried_name_of(size), copies
