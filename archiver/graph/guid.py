"""GUIDs as Graph writes them: 16 bytes in five groups of hexadecimal digits (RFC 9562, section 4)."""

from __future__ import annotations

import re
from typing import Final

GUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
"""A pattern without groups. Graph writes small letters; what people and other programs write may have capitals."""
GUID_BYTES: Final = 16

_GUID_IN_ANY_CASE = re.compile(GUID, re.IGNORECASE)


def id_as_graph_writes(id_: str) -> str:
    """Gives an id as lists have it: the case of a GUID means nothing (RFC 9562, section 4), that of others does."""
    return id_.lower() if _GUID_IN_ANY_CASE.fullmatch(id_) else id_
