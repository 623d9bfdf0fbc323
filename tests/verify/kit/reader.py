"""A second reader, as small as it can be: it opens a sound archive and asserts what FORMAT.md says of it.

It shares nothing with `verify`, gives no diagnostics and bounds no input; it is a cross-check of kit, writer
and reader, for archives that are meant to be whole.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass
from pathlib import Path

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey, MLDSA65PublicKey

from tests.verify.kit.age_file import decrypt
from tests.verify.kit.checkpoint import Head
from tests.verify.kit.edit import Json
from tests.verify.kit.keys import AgeIdentity
from tests.verify.kit.record import ForgedRecord
from tests.verify.kit.sealing import segment_hashes_of
from tests.verify.kit.statement import pae_of
from tests.verify.kit.tree import leaf_of, root_of, state_root_of


@dataclass(frozen=True)
class Plaintext:
    """What stands in a bundle."""

    rows: list[ForgedRecord]
    tombstones: list[bytes]
    secret: bytes


def read_archive(path: Path, identities: dict[str, AgeIdentity]) -> dict[int, list[ForgedRecord]]:
    """Returns the live records of every snapshot by sequence; `identities` are by recipient fingerprint.

    Raises:
        AssertionError: something is not as FORMAT.md says.
    """
    root = _newest_root(path)
    entries = _entries_of(path, root)
    snapshots: dict[int, list[ForgedRecord]] = {}
    base = Plaintext([], [], b"")
    for entry in entries:
        payload = _payload_of(entry, root["roles"]["sealer"])
        if payload["type"] == "events":
            _check_events(path, payload, identities)
        if payload["type"] != "manifest":
            continue
        opened = _bundle_of(path, payload, identities)
        if payload["kind"] == "full":
            base = opened
        assert opened.secret == base.secret
        live = _live_records_of(base, opened)
        assert state_root_of(opened.secret, live).hex() == payload["state_root"]
        assert len(live) == payload["state_count"]
        snapshots[payload["sequence"]] = live
    return snapshots


def _check_events(path: Path, payload: Json, identities: dict[str, AgeIdentity]) -> None:
    """Opens a bundle of events and compares it with its statement; raises as `read_archive`."""
    opened = _bundle_of(path, payload, identities)
    assert opened.tombstones == []
    assert state_root_of(opened.secret, opened.rows).hex() == payload["state_root"]
    assert len(opened.rows) == payload["state_count"]
    streams = [row.key.split(b"\x00")[0].decode() for row in opened.rows]
    stated = {name: span["events"] for name, span in payload["streams"].items()}
    assert {name: streams.count(name) for name in stated} == stated and set(streams) <= set(stated)


def _newest_root(path: Path) -> Json:
    files = sorted((path / "root").glob("*.root.json"), key=lambda file: int(file.name.partition(".")[0]))
    before: Json | None = None
    previous: str | None = None
    for number, file in enumerate(files, start=1):
        claimed: Json = json.loads(base64.b64decode(json.loads(file.read_bytes())["payload"]))
        for role in [claimed["roles"]["root"], *([before["roles"]["root"]] if before else [])]:
            _payload_of(file.read_bytes(), role)
        assert (claimed["number"], claimed["previous"]) == (number, previous)
        before, previous = claimed, hashlib.sha256(file.read_bytes()).hexdigest()
    assert before is not None
    return before


def _payload_of(file: bytes, role: Json) -> Json:
    envelope = json.loads(file)
    content, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"]
    signatures = {one["keyid"]: base64.b64decode(one["sig"]) for one in envelope["signatures"]}
    valid = 0
    for key in role["keys"]:
        ed25519, ml_dsa = base64.b64decode(key["ed25519"]), base64.b64decode(key["ml_dsa_65"])
        id_ = hashlib.sha256(b"strongroom/v1/key-pair\x00" + ed25519 + ml_dsa).hexdigest()
        if f"{id_}:ed25519" in signatures:
            signed = pae_of(kind, content)
            Ed25519PublicKey.from_public_bytes(ed25519).verify(signatures[f"{id_}:ed25519"], signed)
            MLDSA65PublicKey.from_public_bytes(ml_dsa).verify(signatures[f"{id_}:ml-dsa-65"], signed, kind.encode())
            valid += 1
    assert valid >= role["threshold"]
    payload: Json = json.loads(content)
    assert kind == f"application/vnd.strongroom.{payload['type']}+json"
    return payload


def _entries_of(path: Path, root: Json) -> list[bytes]:
    newest = max(path.glob("log/checkpoints/[0-9]*"))
    text, _, signatures = newest.read_bytes().rpartition(b"\n\n")
    origin, size, digest = text.decode().split("\n")
    lines = [line.split(" ") for line in signatures.decode().splitlines()]
    ours = [base64.b64decode(line[2]) for line in lines if line[1] == root["log"]["origin"]]
    ed25519, ml_dsa = base64.b64decode(root["log"]["ed25519"]), base64.b64decode(root["log"]["ml_dsa_44"])
    by_id = {signature[:4]: signature[4:] for signature in ours}
    Ed25519PublicKey.from_public_bytes(ed25519).verify(by_id[_key_id_of(origin, 1, ed25519)], text + b"\n")
    stamped = by_id[_key_id_of(origin, 6, ml_dsa)]
    head = Head(origin, int(size), base64.b64decode(digest), int.from_bytes(stamped[:8], "big"), origin)
    MLDSA44PublicKey.from_public_bytes(ml_dsa).verify(stamped[8:], head.cosigned_message())
    entries = [(path / f"log/entries/{number:08d}.dsse.json").read_bytes() for number in range(head.size)]
    assert root_of([leaf_of(entry) for entry in entries]) == head.root
    return entries


def _key_id_of(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def _bundle_of(path: Path, payload: Json, identities: dict[str, AgeIdentity]) -> Plaintext:
    stated = payload["bundle"] if payload["type"] == "events" else payload["bundles"][0]
    file = (path / "bundles/sha256" / stated["sha256"][:2] / f"{stated['sha256']}.age").read_bytes()
    assert hashlib.sha256(file).hexdigest() == stated["sha256"]
    assert hashlib.sha512(file).hexdigest() == stated["sha512"]
    segments = segment_hashes_of(file)
    assert (root_of(segments).hex(), len(segments)) == (stated["segments_root"], stated["leaves"])
    identity = next(identities[one] for one in payload["recipients"] if one in identities)
    plaintext = decrypt(file, identity)
    footer = plaintext[-200:]
    assert footer[:8] == b"SRbundl1"
    assert footer[16:32].hex() == payload["archive_id"]
    assert footer[8] == {"full": 1, "delta": 2, "events": 3}[payload.get("kind", "events")]
    assert struct.unpack("<QQ", footer[32:48]) == (payload.get("epoch", 0), payload["sequence"])
    return tables_of(plaintext)


def tables_of(plaintext: bytes) -> Plaintext:
    """Returns what stands in a plaintext; raises as `read_archive`."""
    footer = plaintext[-200:]
    object_table_at, block_table_at, tombstones_at, footer_at = struct.unpack("<4Q", footer[64:96])
    assert footer_at + 208 == len(plaintext)
    block_table = _inflated(plaintext[block_table_at + 8 : tombstones_at])
    (blocks,) = struct.unpack("<I", block_table[:4])
    rows: list[ForgedRecord] = []
    for place in range(blocks):
        at, length, size, count, page_length, page_at = struct.unpack_from("<QIIIIQ", block_table, 4 + 32 * place)
        assert object_table_at < page_at
        lines = _inflated(plaintext[at : at + length]).split(b"\n")
        assert lines.pop() == b"" and len(lines) == count and sum(map(len, lines)) + count == size
        keys = _keys_of(plaintext[page_at : page_at + page_length], lines)
        rows += [ForgedRecord(key, line) for key, line in zip(keys, lines, strict=True)]
    tombstones = _inflated(plaintext[tombstones_at + 8 : footer_at])
    return Plaintext(rows, tombstones.split(b"\n") if tombstones else [], footer[104:136])


def _keys_of(page: bytes, lines: list[bytes]) -> list[bytes]:
    count, _, packed = struct.unpack("<III", page[:12])
    hashes = page[12 + packed :]
    assert hashes == b"".join(hashlib.sha256(line).digest() for line in lines)
    keys = _inflated(page[12 : 12 + packed]).split(b"\n")
    assert len(keys) == count
    return keys


def _live_records_of(base: Plaintext, opened: Plaintext) -> list[ForgedRecord]:
    live = {record.key: record for record in base.rows if record.key not in opened.tombstones}
    live |= {record.key: record for record in opened.rows}
    return [live[key] for key in sorted(live)]


def _inflated(frame: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(frame)
