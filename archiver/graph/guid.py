"""GUIDs as Graph writes them: 16 bytes in five groups of hexadecimal digits (RFC 9562, section 4)."""

from __future__ import annotations

from typing import Final

GUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
"""A pattern without groups. Graph writes small letters; what people and other programs write may have capitals."""
GUID_BYTES: Final = 16
