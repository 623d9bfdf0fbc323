"""zstd frames (RFC 8878), inflated only after their stated size was found to be the one expected."""

from __future__ import annotations

import struct

import zstandard

from verify.constants import SKIPPABLE_HEADER_BYTES
from verify.errors import MalformedError

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

_UNKNOWN_SIZES = (zstandard.CONTENTSIZE_UNKNOWN, zstandard.CONTENTSIZE_ERROR)


class Inflater:
    """Inflates frames; holds zstd's working memory, so one for many frames is cheaper than many."""

    def __init__(self) -> None:
        self._zstd = zstandard.ZstdDecompressor()

    def inflated(self, unverified: bytes, content_bytes: int, what: str) -> bytes:
        """Returns the content of one frame, whose size must be `content_bytes`.

        Raises:
            MalformedError: not exactly one frame, or of another size, or one that needs a dictionary.
        """
        if content_bytes_of(unverified, what) != content_bytes:
            raise MalformedError(f"{what}: the frame does not state the {content_bytes} bytes of its table")
        return self._content_of(unverified, content_bytes, what)

    def inflated_up_to(self, unverified: bytes, most: int, what: str) -> bytes:
        """Returns the content of one frame that states its own size, at most `most`; raises as `inflated`."""
        content_bytes = content_bytes_of(unverified, what)
        if content_bytes > most:
            raise MalformedError(f"{what}: the frame states {content_bytes} bytes, and {most} are allowed")
        return self._content_of(unverified, content_bytes, what)

    def _content_of(self, unverified: bytes, content_bytes: int, what: str) -> bytes:
        try:
            if not content_bytes:
                return self._nothing_of(unverified, what)
            content = self._zstd.decompress(
                unverified, max_output_size=content_bytes, read_across_frames=False, allow_extra_data=False
            )
        except (zstandard.ZstdError, MemoryError, ValueError) as error:
            raise MalformedError(f"{what}: not one whole zstd frame") from error
        if len(content) != content_bytes:
            raise MalformedError(f"{what}: the frame holds {len(content)} bytes, not {content_bytes}")
        return content

    def _nothing_of(self, unverified: bytes, what: str) -> bytes:
        """An empty frame is read as a stream: the one-shot call returns early and looks at nothing."""
        stream = self._zstd.decompressobj()
        content = stream.decompress(unverified)
        if content or not stream.eof or stream.unused_data:
            raise MalformedError(f"{what}: not one empty zstd frame")
        return b""


def content_bytes_of(unverified: bytes, what: str) -> int:
    """Returns the content size that a frame's header states.

    Raises:
        MalformedError: not a zstd frame, or one without content size, or one that needs a dictionary.
    """
    if unverified[: len(ZSTD_MAGIC)] != ZSTD_MAGIC:
        raise MalformedError(f"{what}: not a zstd frame")
    try:
        parameters = zstandard.get_frame_parameters(unverified)
    except zstandard.ZstdError as error:
        raise MalformedError(f"{what}: the header of a zstd frame is damaged") from error
    if parameters.content_size in _UNKNOWN_SIZES or parameters.dict_id:
        raise MalformedError(f"{what}: a frame states its content size and needs no dictionary")
    return parameters.content_size


def skippable_payload_bytes_of(header: bytes, magic: int, what: str) -> int:
    """Returns the length of the payload that a skippable frame's 8-byte header states.

    Raises:
        MalformedError: not the header of a skippable frame with this magic.
    """
    if len(header) != SKIPPABLE_HEADER_BYTES or struct.unpack("<I", header[:4])[0] != magic:
        raise MalformedError(f"{what}: no skippable frame with magic {magic:08X} where one must be")
    length: int = struct.unpack("<I", header[4:])[0]
    return length
