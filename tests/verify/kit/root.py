"""Trust roots (FORMAT.md section 11), chained and signed."""

from __future__ import annotations

import hashlib

from tests.verify.kit.canary import ForgedCanary
from tests.verify.kit.edit import Json
from tests.verify.kit.keys import SignerPair, base64_of
from tests.verify.kit.statement import statement_of
from tests.verify.kit.story import RootStep, Story

NO_POLICY: Json = {"witnesses": None, "timestamps": 0, "lock_observations": False, "max_age_hours": None}


def root_files_of(story: Story, canaries: dict[str, ForgedCanary]) -> dict[str, bytes]:
    """Returns `root/N.root.json` for every step of the story."""
    files: dict[str, bytes] = {}
    previous: bytes | None = None
    for number, step in enumerate(story.roots, start=1):
        payload = _payload_of(story, step, number, canaries)
        payload["previous"] = hashlib.sha256(previous).hexdigest() if previous is not None else None
        previous = statement_of(payload, _signers_of(story, number), step.statement)
        files[f"root/{number}.root.json"] = previous
    return files


def _payload_of(story: Story, step: RootStep, number: int, canaries: dict[str, ForgedCanary]) -> Json:
    return {
        "type": "root",
        "version": 1,
        "archive_id": story.archive_id.hex(),
        "number": number,
        "created_at": f"2026-01-01T00:0{number}:00Z",
        "roles": {
            "root": _role_of(step.root_threshold, step.root_keys),
            "sealer": _role_of(step.sealer_threshold, step.sealer_keys),
        },
        "log": {
            "origin": story.origin,
            "ed25519": base64_of(story.log.ed25519_public),
            "ml_dsa_44": base64_of(story.log.ml_dsa_44_public),
        },
        "recipients": [canaries[identity.fingerprint].row() for identity in step.recipients],
        "assure_recipients": [],
        "policy": {**NO_POLICY, **step.policy},
        "revocations": list(step.revocations),
    }


def _role_of(threshold: int, keys: list[SignerPair]) -> Json:
    return {"threshold": threshold, "keys": [pair.public for pair in keys]}


def _signers_of(story: Story, number: int) -> list[SignerPair]:
    step = story.roots[number - 1]
    if step.signed_by is not None:
        return step.signed_by
    before = story.roots[number - 2].root_keys if number > 1 else []
    return list({pair.id: pair for pair in (*before, *step.root_keys)}.values())
