"""DSSE envelopes signed by pairs (FORMAT.md section 9), with edits before and after signing."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.verify.kit.edit import Edit, Json, keep
from tests.verify.kit.keys import SignerPair, base64_of


@dataclass
class StatementEdits:
    """What a story may break in a statement; the signatures cover what stands before them in this list."""

    payload: Edit[Json] = keep
    payload_bytes: Edit[bytes] = keep
    payload_type: Edit[str] = keep
    signers: Edit[list[SignerPair]] = keep
    signatures: Edit[list[Json]] = keep
    envelope: Edit[Json] = keep
    file: Edit[bytes] = keep


def json_of(value: Any) -> bytes:
    """JSON text as the kit writes control documents."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def statement_of(payload: Json, signers: Sequence[SignerPair], edits: StatementEdits | None = None) -> bytes:
    """Returns the file of the statement that `payload` makes, signed by each of `signers`."""
    edits = edits or StatementEdits()
    payload_type = edits.payload_type(f"application/vnd.strongroom.{payload['type']}+json")
    content = edits.payload_bytes(json_of(edits.payload(copy.deepcopy(payload))))
    signatures = [
        signature for pair in edits.signers(list(signers)) for signature in signatures_of(pair, payload_type, content)
    ]
    envelope: Json = {
        "payload": base64_of(content),
        "payloadType": payload_type,
        "signatures": edits.signatures(signatures),
    }
    return edits.file(json_of(edits.envelope(envelope)))


def signatures_of(pair: SignerPair, payload_type: str, content: bytes) -> list[Json]:
    """The two signatures of a pair."""
    signed = pae_of(payload_type, content)
    return [
        {"keyid": f"{pair.id}:ed25519", "sig": base64_of(pair.ed25519.sign(signed))},
        {
            "keyid": f"{pair.id}:ml-dsa-65",
            "sig": base64_of(pair.ml_dsa_65.sign(signed, payload_type.encode())),
        },
    ]


def pae_of(payload_type: str, content: bytes) -> bytes:
    """The bytes that are signed: DSSE protocol 1.0.0, pre-authentication encoding."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(content), content)
