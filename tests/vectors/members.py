"""F-JSON-2: every listed member is present and of its type; one vector for each member of each document."""

from __future__ import annotations

from typing import Any

from tests.vectors.vector import Fault, VectorFile, called
from tests.verify.kit.crew import logs_story, sound_story
from tests.verify.kit.edit import Edit, Json, member, without
from tests.verify.kit.statement import StatementEdits
from tests.verify.kit.story import CanaryOpened, FailedRun, Story

VECTORS = VectorFile()

MANIFEST: dict[str, list[Any]] = {
    "type": [1],
    "version": ["1", True, None],
    "archive_id": [None, "00"],
    "tenant": [None, 1],
    "simulated": [1, "true", None],
    "sequence": ["1", True, None],
    "previous": [0, "00"],
    "kind": ["weekly", None],
    "epoch": ["1", None, True],
    "leans_on": [{}, []],
    "started_at": ["2026-01-01T02:00:00+00:00", "2026-01-01 02:00:00Z", 1767232800],
    "taken_at": ["2026-01-01T02:17:00.5Z", "2026-02-30T02:17:00Z", None],
    "graph_date": ["Thu, 01 Jan 2026 02:16:00 GMT", 0],
    "counts": [[], None],
    "counts.users": [5, None],
    "counts.users.objects": ["5", None],
    "counts.users.records": [True],
    "parts": [[], None],
    "parts.groups": [[], None, "members", ["members", "members"], ["owners", "members"], [1]],
    "gaps": [{}, None],
    "gaps.0.collection": [None],
    "gaps.0.relation": [1],
    "gaps.0.id": [1],
    "gaps.0.reason": ["bored", None],
    "gaps.0.detail": [None],
    "state_root": [None, "zz"],
    "state_count": ["11", None],
    "bundles": [{}, [], None],
    "bundles.0.sha256": [None],
    "bundles.0.sha512": [None],
    "bundles.0.bytes": ["1", None],
    "bundles.0.segments_root": [None],
    "bundles.0.leaves": [None, True],
    "recipients": ["", [], None],
    "retain_until": [None, "2027"],
    "catalogue_version": [1],
    "software": [None],
}
NOT_REMOVABLE = {"counts.users", "parts.groups", "streams.signIns"}
"""Names of collections and logs are no listed members; without one the count is wrong and not the document."""

LEAN: dict[str, list[Any]] = {
    "leans_on": ["1"],
    "leans_on.sequence": ["1"],
    "leans_on.manifest_sha256": [None],
    "leans_on.bundle_sha256": [1],
}
RUN: dict[str, list[Any]] = {
    "outcome": ["splendid", None],
    "started_at": [None],
    "ended_at": [0],
    "error": [None, "none"],
    "error.class": [None],
    "error.code": ["13"],
    "error.message": [None],
}
CANARY: dict[str, list[Any]] = {"recipient": [None, 1], "opened": [None], "opened_at": [None]}
ROOT: dict[str, list[Any]] = {
    "number": ["1", True],
    "previous": [0],
    "created_at": [None],
    "roles": [[], None],
    "roles.root": [None],
    "roles.root.threshold": ["1", 0, True],
    "roles.root.keys": [{}, [None]],
    "roles.sealer": [None],
    "roles.sealer.threshold": [0],
    "roles.sealer.keys.0.ed25519": ["", None],
    "roles.sealer.keys.0.ml_dsa_65": ["AAAA", None],
    "log": [None],
    "log.origin": [None],
    "log.ed25519": ["AAAA"],
    "log.ml_dsa_44": ["AAAA"],
    "recipients": [{}],
    "recipients.0.recipient": ["age1", None],
    "recipients.0.canary_sha256": ["00"],
    "recipients.0.content_sha256": [None],
    "recipients.0.not_before": [None],
    "assure_recipients": [None],
    "policy": [None],
    "policy.witnesses": [1],
    "policy.timestamps": [None, True],
    "policy.lock_observations": [0],
    "policy.max_age_hours": ["24"],
    "revocations": [None],
}
EVENTS: dict[str, list[Any]] = {
    "type": [1],
    "version": ["1", True, None],
    "archive_id": [None, "00"],
    "tenant": [None, 1],
    "simulated": [1, "true", None],
    "sequence": ["1", True, None],
    "previous": [0, "00"],
    "streams": [[], None],
    "streams.signIns": [5, None],
    "streams.signIns.time": [None, 1],
    "streams.signIns.asked_from": [0, "yesterday"],
    "streams.signIns.asked_until": [None, 0],
    "streams.signIns.from": [0, "2026"],
    "streams.signIns.until": [0, "2026-01-01"],
    "streams.signIns.events": ["1", -1, None, True],
    "gaps": [{}, None],
    "gaps.0.stream": [None],
    "gaps.0.from": [0],
    "gaps.0.until": [None],
    "gaps.0.reason": ["bored", None],
    "gaps.0.detail": [None],
    "started_at": [None, 0],
    "taken_at": ["2026-01-01T02:17:00.5Z", None],
    "graph_date": [0],
    "state_root": [None, "zz"],
    "state_count": ["8", None],
    "bundle": [[], None],
    "bundle.sha256": [None],
    "bundle.sha512": [None],
    "bundle.bytes": ["1", None],
    "bundle.segments_root": [None],
    "bundle.leaves": [None, True],
    "recipients": ["", [], None],
    "retain_until": [None, "2027"],
    "catalogue_version": [1],
    "software": [None],
}
CARRIED: dict[str, list[Any]] = {
    "type": ["root"],
    "version": [2],
    "archive_id": ["00"],
    "roots": [None],
    "roots.0.name": [None],
    "roots.0.bytes": ["*"],
    "canaries": [{}],
    "canaries.0.name": [1],
    "canaries.0.bytes": [None],
}

Place = tuple[str, dict[str, list[Any]], str]


def _statement_of(story: Story, document: str) -> StatementEdits:
    events = story.events
    if document == "events":
        return story.events_read[-1].statement
    return {
        "manifest": story.snapshots[0].statement,
        "delta": story.snapshots[1].statement,
        "run": next(event for event in events if isinstance(event, FailedRun)).statement,
        "canary": next(event for event in events if isinstance(event, CanaryOpened)).statement,
        "root": story.roots[0].statement,
    }[document]


def _edit_in(document: str, edit: Edit[Json]) -> Fault:
    def fault(story: Story) -> None:
        if document == "carried":
            story.snapshots[0].carried = edit
        else:
            _statement_of(story, document).payload = edit

    return fault


DOCUMENTS: list[Place] = [
    ("manifest", MANIFEST, "C05"),
    ("delta", LEAN, "C05"),
    ("run", RUN, "C05"),
    ("canary", CANARY, "C05"),
    ("root", ROOT, "C01"),
    ("carried", CARRIED, "C12"),
    ("events", EVENTS, "C05"),
]

for _document, _members, _check in DOCUMENTS:
    _start = logs_story if _document == "events" else sound_story
    for _path, _values in _members.items():
        _word = _path.replace(".", "_").replace("_0_", "_")
        if _path not in NOT_REMOVABLE:
            _title = f"The {_document} document lacks `{_path}`."
            VECTORS.fails("F-JSON-2", _check, "MalformedError", start=_start, level=0)(
                called(f"{_document}_without_{_word}", _title, _edit_in(_document, without(_path)))
            )
        for _place, _value in enumerate(_values):
            _title = f"The {_document} document's `{_path}` is `{_value!r}`."
            VECTORS.fails("F-JSON-2", _check, "MalformedError", start=_start, level=0)(
                called(
                    f"{_document}_{_word}_of_another_type_{_place}",
                    _title,
                    _edit_in(_document, member(_path, _value)),
                )
            )
