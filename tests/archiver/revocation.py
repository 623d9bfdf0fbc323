"""A trust root that revokes its sealer, signed by the root's own key as its holder would."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from vault.signing.signer import StatementKey
from vault.signing.statement import sign

REASON = "the host was stolen"


def revoke_sealer(host: Path, offline: Path, from_index: int = 1) -> None:
    """Puts such a root in the place of the host's; signatures count for nothing from that log entry on."""
    file = host / "keys" / "trust-root.json"
    root = json.loads(base64.b64decode(json.loads(file.read_bytes())["payload"]))
    sealer = json.loads((host / "keys" / "signer.json").read_bytes())["sealer"]
    members = {name: root[name] for name in root if name not in ("type", "version", "archive_id")}
    members["revocations"] = [{"key": StatementKey.from_seeds(sealer).id, "from_index": from_index, "reason": REASON}]
    key = StatementKey.from_seeds(json.loads((offline / "root.json").read_bytes())["root"])
    file.write_bytes(sign("root", root["archive_id"], members, [key]))
