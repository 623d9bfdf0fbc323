"""The body of an answer as it comes in: inflated, and never more of it than an answer may have.

The peer decides how much it sends, and a compressed body may inflate a thousandfold, so both are bounded here
before anything is kept.
"""

from __future__ import annotations

import zlib

from archiver.graph.errors import AnswerTooLargeError, MalformedPageError

MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""Bytes of one answer, inflated; a page of 999 users is about 6 MB, and sixteen answers are under way at once."""
ENCODINGS = ("gzip", "identity")
"""What requests ask for and what is understood (RFC 9110 section 8.4.1)."""
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class AnswerBody:
    """One body. `take` gives what a chunk of the wire comes to; `finish` says whether it was whole."""

    def __init__(self, encoding: str, max_bytes: int = MAX_ANSWER_BYTES) -> None:
        """Raises MalformedPageError for an encoding that nobody asked for."""
        if encoding and encoding.lower() not in ENCODINGS:
            raise MalformedPageError(f"the answer is encoded as {encoding[:40]!r}, which was not asked for")
        self._inflate = zlib.decompressobj(_GZIP_WINDOW) if encoding.lower() == "gzip" else None
        self._max_bytes = max_bytes
        self._left = max_bytes
        self._begun = False

    def take(self, chunk: bytes) -> bytes:
        """Raises AnswerTooLargeError, or MalformedPageError where the compression is damaged."""
        self._begun = self._begun or bool(chunk)
        plain = chunk if self._inflate is None else self._inflated(chunk)
        if len(plain) > self._left:
            raise AnswerTooLargeError(f"the answer is larger than {self._max_bytes:,} bytes")
        self._left -= len(plain)
        return plain

    def finish(self) -> None:
        """Raises MalformedPageError where a compressed body ends too early."""
        if self._inflate is not None and self._begun and not self._inflate.eof:
            raise MalformedPageError("the answer's compression is cut short")

    def _inflated(self, chunk: bytes) -> bytes:
        assert self._inflate is not None
        try:
            # One byte more than may come tells a body that is too large from one that just fits.
            plain = self._inflate.decompress(chunk, self._left + 1)
        except zlib.error as error:
            raise MalformedPageError("the answer's compression is damaged") from error
        if self._inflate.unused_data:
            raise MalformedPageError("bytes stand behind the answer's compressed body")
        return plain
