"""A picture as pixels: as much of PNG (W3C Recommendation, 2nd edition) as a screenshot needs."""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 6: 4}  # colour type to samples of a pixel: RGB, RGBA

Colour = tuple[int, int, int]


class Picture(NamedTuple):
    """Width and height in pixels, and the rows of samples, `channels` to a pixel."""

    width: int
    height: int
    channels: int
    rows: list[bytes]

    def near(self, colour: Colour, tolerance: int = 12) -> int:
        """How many pixels differ from the colour by at most `tolerance` in each channel."""
        count = 0
        for row in self.rows:
            samples = (row[channel :: self.channels] for channel in range(3))
            for pixel in zip(*samples, strict=True):
                count += all(abs(have - want) <= tolerance for have, want in zip(pixel, colour, strict=True))
        return count

    def colours(self) -> set[bytes]:
        """The different pixels."""
        step = self.channels
        return {row[at : at + 3] for row in self.rows for at in range(0, len(row), step)}

    def cropped(self, left: int, right: int) -> Picture:
        """The columns from `left` up to and without `right`."""
        step = self.channels
        return Picture(right - left, self.height, step, [row[left * step : right * step] for row in self.rows])


def picture_of(content: bytes) -> Picture:
    """Decodes a PNG of 8 bits a sample, not interlaced.

    Raises:
        ValueError: it is another kind of PNG, or none.
    """
    if not content.startswith(_SIGNATURE):
        raise ValueError("not a PNG")
    header, data, at = b"", b"", len(_SIGNATURE)
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + 8 + length]
        header, data = (body, data) if kind == b"IHDR" else (header, data + body if kind == b"IDAT" else data)
        at += length + 12
    width, height, depth, colour_type, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if depth != 8 or interlaced or colour_type not in _CHANNELS:
        raise ValueError(f"a PNG of depth {depth}, colour type {colour_type}, interlaced {interlaced}")
    channels = _CHANNELS[colour_type]
    return Picture(width, height, channels, _rows(zlib.decompress(data), width * channels, height, channels))


def _rows(data: bytes, size: int, height: int, step: int) -> list[bytes]:
    rows: list[bytes] = []
    above = bytes(size)
    for number in range(height):
        start = number * (size + 1)
        above = _unfiltered(data[start], data[start + 1 : start + 1 + size], above, step)
        rows.append(above)
    return rows


def _unfiltered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    """Undoes one of the five filters (section 9.2 of the Recommendation)."""
    if kind == 0:
        return line
    if kind == 2:
        return bytes((have + up) & 0xFF for have, up in zip(line, above, strict=True))
    row = bytearray(line)
    for at, have in enumerate(line):
        left = row[at - step] if at >= step else 0
        if kind == 1:
            row[at] = (have + left) & 0xFF
        elif kind == 3:
            row[at] = (have + (left + above[at]) // 2) & 0xFF
        else:
            row[at] = (have + _paeth(left, above[at], above[at - step] if at >= step else 0)) & 0xFF
    return bytes(row)


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    near = (abs(guess - left), abs(guess - above), abs(guess - corner))
    return (left, above, corner)[near.index(min(near))]
