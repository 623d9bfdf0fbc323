"""Signs statements: DSSE envelopes with both halves of each pair (FORMAT.md section 9)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from vault.signing.signer import StatementKey
from verify.constants import FORMAT_VERSION, PAYLOAD_TYPES
from verify.dsse import pre_authentication_encoding_of
from verify.strict_json import base64_of


def sign(kind: str, archive_id: str, members: Mapping[str, object], keys: Sequence[StatementKey]) -> bytes:
    """Returns the statement file of type `kind` with the given members, signed by every key.

    The payload is compact JSON with sorted members; `type`, `version` and `archive_id` are set here, so that
    no statement lacks them.
    """
    payload_type = PAYLOAD_TYPES[kind]
    document = {**members, "type": kind, "version": FORMAT_VERSION, "archive_id": archive_id}
    payload = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    signed = pre_authentication_encoding_of(payload_type, payload)
    envelope = {
        "payload": base64_of(payload),
        "payloadType": payload_type,
        "signatures": [signature for key in keys for signature in key.signatures_of(payload_type, signed)],
    }
    return (json.dumps(envelope, separators=(",", ":")) + "\n").encode("ascii")
