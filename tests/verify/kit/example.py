"""The worked example of FORMAT.md section 1: two lines, their hashes and tree, and a plaintext to the byte.

All zstd frames of the example are single raw blocks, so that no compressor's version changes its bytes.
"""

from __future__ import annotations

import hashlib
import struct

from tests.verify.kit.bundle import BundleEdits, Facts, plaintext_of
from tests.verify.kit.record import ForgedRecord, object_of, part_of
from tests.verify.kit.tables import FULL, BlockTable, Page
from tests.verify.kit.tree import salt_of, state_leaf_of, state_root_of

SECRET = bytes(range(32))
ARCHIVE_ID = bytes(range(0x20, 0x30))
_GROUP = "6c1e1f4c-7f2b-4a2e-9d35-1f0a4c8b7e10"
_MEMBER = "0d4c9c4e-2f0e-4a0b-8f64-7a35f0a8f1c2"


def example_records() -> list[ForgedRecord]:
    """The group and its only part of members."""
    member = {"@odata.type": "#microsoft.graph.user", "id": _MEMBER}
    return [
        object_of("groups", _GROUP, {"displayName": "Crew", "id": _GROUP}),
        part_of("groups", _GROUP, "members", [member]),
    ]


def example_plaintext() -> bytes:
    """The bundle's plaintext: a full, epoch 1, sequence 1, one block."""
    records = example_records()
    text = b"".join(record.line + b"\n" for record in records)
    page = Page(tuple(record.key for record in records), tuple(record.hash for record in records))
    kept: list[BlockTable] = []

    def remembered(table: BlockTable) -> BlockTable:
        kept.append(table)
        return table

    edits = BundleEdits(
        frames=lambda frames: [raw_frame_of(text)],
        page_bytes=lambda pages: [_raw_page_of(page)],
        block_table=remembered,
        block_table_payload=lambda payload: raw_frame_of(kept[0].pack()),
        tombstones_payload=lambda payload: raw_frame_of(b""),
    )
    return plaintext_of(Facts(FULL, ARCHIVE_ID, 1, 1, SECRET), records, [], edits)


def raw_frame_of(content: bytes) -> bytes:
    """One zstd frame of a single raw block, with its content size (RFC 8878 section 3.1.1)."""
    size = len(content)
    header = b"\x20" + bytes([size]) if size < 256 else b"\x60" + struct.pack("<H", size - 256)
    return b"\x28\xb5\x2f\xfd" + header + struct.pack("<I", 1 | size << 3)[:3] + content


def _raw_page_of(page: Page) -> bytes:
    text = b"\n".join(page.keys)
    packed = raw_frame_of(text)
    return struct.pack("<III", len(page.keys), len(text), len(packed)) + packed + b"".join(page.hashes)


def example_section() -> str:
    """Returns section 1 of FORMAT.md as the kit computes it."""
    first, second = example_records()
    root = state_root_of(SECRET, [first, second])
    plaintext = example_plaintext()
    return _SECTION.format(
        first=first.line.decode(),
        second=second.line.decode(),
        first_hash=first.hash.hex(),
        second_hash=second.hash.hex(),
        first_salt=salt_of(SECRET, first.key).hex(),
        second_salt=salt_of(SECRET, second.key).hex(),
        first_leaf=state_leaf_of(SECRET, first).hex(),
        second_leaf=state_leaf_of(SECRET, second).hex(),
        root=root.hex(),
        archive_id=ARCHIVE_ID.hex(),
        layout=_layout_of(plaintext),
        length=len(plaintext),
        digest=hashlib.sha256(plaintext).hexdigest(),
    )


def _layout_of(plaintext: bytes) -> str:
    """Cuts the plaintext into named parts; long text is shown by its beginning."""
    text = b"".join(record.line + b"\n" for record in example_records())
    first_key = example_records()[0].key
    keys = b"\n".join(record.key for record in example_records())
    parts: list[tuple[int, str]] = [
        (10, "block 0: zstd magic, one segment, content size, one raw block"),
        (len(text), "the two lines"),
        (8, "object table: magic, length"),
        (12, "page 0: rows, length of the key text, of the compressed key text"),
        (len(raw_frame_of(keys)) - len(keys), "zstd frame"),
        (len(keys), "the two keys, joined by LF"),
        (64, "record hashes"),
        (8, "block table: magic, length"),
        (9, "zstd frame"),
        (4, "blocks"),
        (32, "row 0: offset, length, content, rows, page length, page offset"),
        (len(first_key), "first key of block 0"),
        (8, "tombstones: magic, length"),
        (9, "zstd frame without content"),
        (8, "footer: magic, length"),
        (40, "label, kind, zeros, archive id, epoch"),
        (24, "sequence, rows, tombstones"),
        (32, "offsets of object table, block table, tombstones, footer"),
        (8, "blocks, zeros"),
        (32, "epoch secret"),
        (32, "H of the block table's payload"),
        (32, "H of the tombstones' payload"),
    ]
    rows, at = [], 0
    for length, name in parts:
        piece = plaintext[at : at + length]
        shown = piece.hex() if length <= 40 else piece[:20].hex() + "…"
        rows.append(f"{at:4}  {length:3}  {shown}  {name}")
        at += length
    assert at == len(plaintext)
    return "\n".join(rows)


_SECTION = """## 1. An example, from line to log

A tenant holds one group with one member. The exporter writes two records, each a canonical line (section 4):

```
{first}
{second}
```

Their keys are `groups␀6c1e…7e10␀␀o␀` and `groups␀6c1e…7e10␀␀rmembers␀00000000` (`␀` is byte 00). The
record hash is the SHA-256 of the line without its LF. With the epoch secret `000102…1f` each becomes a leaf
of the state tree (section 5):

| | object | part of the relation |
|---|---|---|
| record hash | `{first_hash}` | `{second_hash}` |
| salt | `{first_salt}` | `{second_salt}` |
| leaf | `{first_leaf}` | `{second_leaf}` |

The state root is `{root}`.

Both lines go, sorted by key, into one zstd frame; tables follow in skippable frames (section 6).
This is the plaintext of the full for archive `{archive_id}`, epoch 1, sequence 1. Its zstd frames
hold raw blocks here so that no compressor's version matters: {length} bytes, SHA-256 `{digest}`.

```
  at  len  bytes  what
{layout}
```

The whole is encrypted as one age file (section 7), named by its SHA-256:

```
bundles/sha256/ab/abcd….age     bundles/sha256/ab/abcd….seg
```

A manifest (section 9) states the state root, the bundle's digests and what was missing; it is signed
twice and becomes entry 1 of the log; a checkpoint of size 2 commits to it:

```
log/entries/00000000.dsse.json   the canary's proof       log/checkpoints/00000002   the signed head
log/entries/00000001.dsse.json   the manifest             root/1.root.json           the trust root
```

`age -d -i identity.txt abcd….age | zstd -dc` prints the two lines again.
"""
