"""Evidence carried forward: beside every full, the log so far and all roots and canaries (FORMAT.md section 12)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from verify.constants import FORMAT_VERSION, KEY_FOLDER, ROOT_FOLDER
from verify.name import carried_name_of, so_far_name_of
from verify.strict_json import base64_of


def so_far_files_of(
    archive_id: str, size: int, leaves: bytes, files: Mapping[str, bytes]
) -> Iterator[tuple[str, bytes]]:
    """Yields name and content of the two files for a log of `size` entries."""
    yield so_far_name_of(size), leaves
    document = {
        "type": "roots",
        "version": FORMAT_VERSION,
        "archive_id": archive_id,
        "roots": _copies(files, ROOT_FOLDER),
        "canaries": _copies(files, KEY_FOLDER),
    }
    yield carried_name_of(size), json.dumps(document, separators=(",", ":")).encode("ascii")


def _copies(files: Mapping[str, bytes], folder: str) -> list[dict[str, str]]:
    return [
        {"name": name, "bytes": base64_of(content)}
        for name, content in sorted(files.items())
        if name.startswith(f"{folder}/")
    ]
