"""Seals the events of a story: bundle and statement (FORMAT.md sections 6 and 9.4)."""

from __future__ import annotations

import hashlib

from tests.verify.kit.age_file import encrypt
from tests.verify.kit.bundle import Facts, kind_of, plaintext_of
from tests.verify.kit.edit import Json
from tests.verify.kit.keys import seed_of
from tests.verify.kit.sealing import KEPT_DAYS, add_bundle, text_of, time_of
from tests.verify.kit.statement import statement_of
from tests.verify.kit.story import EventsRead, Story
from tests.verify.kit.tree import state_root_of


class EventSealer:
    """Seals events one run after the other; keeps how far each log is known."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._entries: list[bytes] = []
        self._until: dict[str, str] = {}
        self.files: dict[str, bytes] = {}

    def seal(self, read: EventsRead) -> bytes:
        """Returns the log entry of the statement and adds the bundle's files to `files`."""
        sequence = len(self._entries) + 1
        secret = seed_of(f"events {sequence}")
        rows = read.rows(sorted(record for records in read.streams.values() for record in records))
        facts = Facts(kind_of(read.kind), self._story.archive_id, 0, sequence, secret)
        plaintext = plaintext_of(facts, rows, read.tombstones, read.bundle)
        file = read.bundle_file(encrypt(plaintext, read.recipients, read.age))
        state = read.state(rows)
        payload = self._payload_of(read, sequence) | {
            "bundle": add_bundle(self.files, read.segments, file),
            "state_root": state_root_of(secret, state).hex(),
            "state_count": len(state),
        }
        entry = statement_of(read.payload(payload), self._story.roots[0].sealer_keys[:1], read.statement)
        self._entries.append(entry)
        return entry

    def _payload_of(self, read: EventsRead, sequence: int) -> Json:
        until = text_of(time_of(read.day))
        streams = {
            name: {
                "time": "createdDateTime" if name == "signIns" else "activityDateTime",
                "asked_from": self._until.get(name),
                "asked_until": until,
                "from": self._until.get(name),
                "until": until,
                "events": len(records),
            }
            for name, records in read.streams.items()
        }
        self._until |= dict.fromkeys(read.streams, until)
        return {
            "type": "events",
            "version": 1,
            "archive_id": self._story.archive_id.hex(),
            "tenant": self._story.tenant,
            "simulated": True,
            "sequence": sequence,
            "previous": hashlib.sha256(self._entries[-1]).hexdigest() if self._entries else None,
            "streams": streams,
            "gaps": list(read.gaps),
            "started_at": text_of(time_of(read.day)),
            "taken_at": text_of(time_of(read.day, minute=17)),
            "graph_date": text_of(time_of(read.day, minute=16)),
            "recipients": sorted(identity.fingerprint for identity in read.recipients),
            "retain_until": text_of(time_of(read.day + KEPT_DAYS)),
            "catalogue_version": "kit-1",
            "software": "forge kit",
        }
