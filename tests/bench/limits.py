"""The machine's limits: what one core does of each kind of work, with the libraries that do it for us."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from time import process_time

import msgspec
import zstandard
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from archiver.graph.page import page_of, values_of
from tests.bench.day import Day
from vault.sealing.block import THOROUGH
from verify.constants import AGE_CHUNK_BYTES, BLOCK_BYTES

SAMPLE_BYTES = 48 * 1024 * 1024
_ATTEMPTS = 3


def limits(day: Day, lines: Path) -> dict[str, float]:
    """MB/s of one core by kind of work, the best of some attempts, on records of the tenant itself."""
    pages, text = _pages(day), _text(lines)
    blocks = [text[at : at + BLOCK_BYTES] for at in range(0, len(text), BLOCK_BYTES)]
    raws = [raw for page in pages for raw in values_of(page_of(page).values)]
    decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder(order="sorted").encode
    compress = zstandard.ZstdCompressor(compression_params=THOROUGH).compress
    frames = [compress(block) for block in blocks]
    inflate = zstandard.ZstdDecompressor().decompress
    cipher = ChaCha20Poly1305(os.urandom(32))
    chunks = [text[at : at + AGE_CHUNK_BYTES] for at in range(0, len(text), AGE_CHUNK_BYTES)]
    page_bytes, text_bytes = sum(map(len, pages)), len(text)
    return {
        "pages": _rate(page_bytes, lambda: [page_of(page) for page in pages]),
        "canonicalise": _rate(page_bytes, lambda: [encode(decode(raw)) for raw in raws]),
        "SHA-256": _rate(text_bytes, lambda: hashlib.sha256(text)),
        "compress": _rate(text_bytes, lambda: [compress(block) for block in blocks]),
        "inflate": _rate(text_bytes, lambda: [inflate(frame) for frame in frames]),
        "encrypt": _rate(text_bytes, lambda: [cipher.encrypt(bytes(12), chunk, None) for chunk in chunks]),
    }


def _rate(size: int, work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(_ATTEMPTS):
        start = process_time()
        work()
        best = min(best, process_time() - start)
    return size / 1e6 / max(best, 1e-6)


def _pages(day: Day) -> list[bytes]:
    """Pages of users, as many as the sample holds."""
    pages: list[bytes] = []
    for work, bodies in day.works():
        if work.collection == "users" and work.kind == "objects" and sum(map(len, pages)) < SAMPLE_BYTES:
            pages += bodies
    return pages


def _text(lines: Path) -> bytes:
    """Lines of all collections, each with its share."""
    files = sorted(lines.glob("*.jsonl"))
    share = min(1.0, SAMPLE_BYTES / sum(path.stat().st_size for path in files))
    parts = []
    for path in files:
        with path.open("rb") as source:
            parts.append(source.read(int(path.stat().st_size * share)))
    return b"".join(parts)
