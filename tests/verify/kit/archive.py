"""Carries a story out: files in a dictionary, then a folder with what its verifier is given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.verify.kit.canary import ForgedCanary, canaries_of
from tests.verify.kit.checkpoint import Head, checkpoint_of
from tests.verify.kit.edit import Json
from tests.verify.kit.event_sealing import EventSealer
from tests.verify.kit.keys import base64_of
from tests.verify.kit.root import root_files_of
from tests.verify.kit.sealing import Sealer, text_of, time_of
from tests.verify.kit.statement import statement_of
from tests.verify.kit.story import Event, EventsRead, FailedRun, Sealed, Snapshot, Story
from tests.verify.kit.tree import leaf_of, root_of


@dataclass(frozen=True)
class ForgedFiles:
    """The files of an archive by name, root 1 as it was made, and the snapshots that went in."""

    files: dict[str, bytes]
    trust_root: bytes
    sealed: list[Sealed]


@dataclass(frozen=True)
class ForgedArchive:
    """A forged archive on disk.

    `trust_root_path` is root 1 outside the archive, `fingerprint` its SHA-256 in hex; `identity_path` holds
    every identity of the story, one a line, `identity_paths` a file for each by its recipient's fingerprint.
    """

    path: Path
    trust_root_path: Path
    fingerprint: str
    identity_path: Path
    identity_paths: dict[str, Path]
    sealed: list[Sealed]


def forge(folder: Path, story: Story) -> ForgedArchive:
    """Writes the story's archive into `folder` and returns where everything lies."""
    forged = forge_files(story)
    write_files(folder / "archive", forged.files)
    (folder / "archive").mkdir(parents=True, exist_ok=True)
    trust_root, identities = folder / "trust-root.json", folder / "identity.txt"
    trust_root.write_bytes(forged.trust_root)
    identities.write_text("".join(f"{identity.text}\n" for identity in story.identities))
    single = {identity.fingerprint: folder / f"identity-{place}.txt" for place, identity in enumerate(story.identities)}
    for identity in story.identities:
        single[identity.fingerprint].write_text(f"# made by the forge kit\n{identity.text}\n")
    fingerprint = hashlib.sha256(forged.trust_root).hexdigest()
    return ForgedArchive(folder / "archive", trust_root, fingerprint, identities, single, forged.sealed)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes files under their names."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def forge_files(story: Story) -> ForgedFiles:
    """Returns the story's archive in memory."""
    canaries = canaries_of(story)
    roots = root_files_of(story, canaries)
    sealer, event_sealer = Sealer(story), EventSealer(story)
    entries = story.entries([_entry_of(story, event, sealer, event_sealer, canaries) for event in story.events])
    files = {f"log/entries/{place:08d}.dsse.json": entry for place, entry in enumerate(entries)}
    files |= sealer.files | event_sealer.files | roots | _checkpoints_of(story, entries)
    files |= {canary.name: canary.file for canary in canaries.values()}
    for snapshot in story.snapshots:
        if snapshot.kind == "full":
            files |= _carried_forward_of(story, snapshot, entries, roots, canaries)
    return ForgedFiles(story.files(files), roots["root/1.root.json"], sealer.sealed)


def _entry_of(
    story: Story, event: Event, sealer: Sealer, event_sealer: EventSealer, canaries: dict[str, ForgedCanary]
) -> bytes:
    if isinstance(event, Snapshot):
        return sealer.seal(event)
    if isinstance(event, EventsRead):
        return event_sealer.seal(event)
    payload: Json = {"version": 1, "archive_id": story.archive_id.hex()}
    if isinstance(event, FailedRun):
        payload |= {
            "type": "run",
            "outcome": "failed",
            "started_at": text_of(time_of(event.day)),
            "ended_at": text_of(time_of(event.day, minute=5)),
            "error": {"class": "GraphUnreachableError", "code": 13, "message": "no answer"},
        }
    else:
        payload |= {
            "type": "canary",
            "recipient": event.identity.fingerprint,
            "opened": canaries[event.identity.fingerprint].text,
            "opened_at": text_of(time_of(event.day, hour=1)),
        }
    return statement_of(payload, story.roots[0].sealer_keys[:1], event.statement)


def _checkpoints_of(story: Story, entries: list[bytes]) -> dict[str, bytes]:
    leaves = [leaf_of(entry) for entry in entries]
    files = {}
    for size in range(1, len(entries) + 1):
        day = story.events[min(size, len(story.events)) - 1].day
        instant = int(time_of(day, hour=3).timestamp())
        head = Head(story.origin, size, root_of(leaves[:size]), instant)
        files[f"log/checkpoints/{size:08d}"] = checkpoint_of(head, story.log, story.checkpoints.get(size))
    return files


def _carried_forward_of(
    story: Story,
    snapshot: Snapshot,
    entries: list[bytes],
    roots: dict[str, bytes],
    canaries: dict[str, ForgedCanary],
) -> dict[str, bytes]:
    """The files of section 12 beside a full: the log so far, and copies of roots and canaries."""
    size = story.index_of(snapshot) + 1
    known = [f"root/{number}.root.json" for number in range(1, snapshot.known_roots + 1)]
    step = story.roots[snapshot.known_roots - 1]
    carried: Json = {
        "type": "roots",
        "version": 1,
        "archive_id": story.archive_id.hex(),
        "roots": [{"name": name, "bytes": base64_of(roots[name])} for name in known],
        "canaries": [
            {"name": canary.name, "bytes": base64_of(canary.file)}
            for canary in sorted((canaries[one.fingerprint] for one in step.recipients), key=lambda canary: canary.name)
        ],
    }
    leaves = snapshot.so_far([leaf_of(entry) for entry in entries[:size]])
    return {
        f"log/so-far/{size:08d}": b"".join(leaves),
        f"log/so-far/{size:08d}.roots.json": snapshot.carried_file(_spelled(snapshot.carried(carried))),
    }


def _spelled(carried: Json) -> bytes:
    """The file's one spelling: members as they stand, no white space."""
    return json.dumps(carried, separators=(",", ":")).encode("ascii")
