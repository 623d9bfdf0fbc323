"""The file beside each full that holds copies of all trust roots and canaries (FORMAT.md section 12)."""

from __future__ import annotations

import json
from collections.abc import Iterable

from verify.constants import FORMAT_VERSION
from verify.strict_json import base64_of

Copy = tuple[str, bytes]
"""The name of a file in the archive, and what it holds."""


def carried_file_of(archive_id: str, roots: Iterable[Copy], canaries: Iterable[Copy]) -> bytes:
    """Returns the one spelling of these copies (F-FWD-2); roots come by number, canaries by name."""
    document = {
        "type": "roots",
        "version": FORMAT_VERSION,
        "archive_id": archive_id,
        "roots": _spelled(roots),
        "canaries": _spelled(sorted(canaries)),
    }
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _spelled(copies: Iterable[Copy]) -> list[dict[str, str]]:
    return [{"name": name, "bytes": base64_of(content)} for name, content in copies]
