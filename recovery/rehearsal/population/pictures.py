"""Bytes that belong to objects: photos, logos and style sheets, a small one for each, made when asked for."""

from __future__ import annotations

import struct
import zlib

from recovery.rehearsal.population.entropy import Draw, bytes_of
from recovery.rehearsal.population.template import Above

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIDE_PIXELS = 16


def has_picture(seed: int, collection: str, stream: str, address: Above, share: int) -> bool:
    """Whether an object has this stream, as `share` in 1,000 have."""
    return Draw(seed, collection, stream, *address).chance(share)


def picture_of(seed: int, collection: str, stream: str, address: Above, media_type: str) -> bytes:
    """The bytes of a stream: for `text/css` a style sheet, else a PNG (W3C PNG specification) of one colour."""
    red, green, blue = bytes_of(3, seed, collection, stream, *address)
    if media_type == "text/css":
        return f".ext-sign-in-box {{ background-color: #{red:02x}{green:02x}{blue:02x}; }}\n".encode()
    head = struct.pack(">IIBBBBB", _SIDE_PIXELS, _SIDE_PIXELS, 8, 2, 0, 0, 0)
    rows = (b"\x00" + bytes((red, green, blue)) * _SIDE_PIXELS) * _SIDE_PIXELS
    # Level 0 stores: the bytes are the same whatever zlib is installed.
    return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows, 0)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
