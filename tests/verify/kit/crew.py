"""The crew's tenant: the records and the sound stories that vectors start from."""

from __future__ import annotations

from tests.verify.kit.keys import identity, signer
from tests.verify.kit.record import ForgedRecord, object_of, part_of, stream_of
from tests.verify.kit.story import CanaryOpened, EventsRead, FailedRun, RootStep, Snapshot, Story

CLASSIC = identity("vault identity, first period")
POST_QUANTUM = identity("vault identity, second period", post_quantum=True)
STRANGER = identity("a stranger")
ROOT_A, ROOT_B, SEALER, IMPOSTOR = (signer(name) for name in ("root A", "root B", "sealer", "impostor"))

CREW = "6c1e1f4c-7f2b-4a2e-9d35-1f0a4c8b7e10"
APPLICATION = "9a0ce9d8-4c3a-4f0a-8d0e-5b7a7f7a1c11"
_USER = "0d4c9c4e-2f0e-4a0b-8f64-7a35f0a8f1{:02x}"


def user_id(number: int) -> str:
    """The id of a user."""
    return _USER.format(number)


def user(number: int, *, title: str = "Deckhand") -> ForgedRecord:
    """One user; `title` is what changes from day to day."""
    value = {"displayName": f"Matelot {number} é😀", "id": user_id(number), "jobTitle": title, "mail": None}
    return object_of("users", user_id(number), value)


def members(numbers: list[int], *, part: int = 0, parts: int = 1) -> ForgedRecord:
    """A part of the group's members."""
    targets = [{"@odata.type": "#microsoft.graph.user", "id": user_id(number)} for number in numbers]
    return part_of("groups", CREW, "members", targets, part=part, parts=parts)


def tenant_records(users: int = 5) -> list[ForgedRecord]:
    """The live records of the first day: all four shapes of line, in key order."""
    credential = {"id": "fic-1", "issuer": "https://example.com", "name": "deploy"}
    records = [
        object_of("applications", APPLICATION, {"displayName": "Rigging", "id": APPLICATION}),
        object_of("federatedIdentityCredentials", "fic-1", credential, ("applications", APPLICATION)),
        object_of("groups", CREW, {"displayName": "Crew", "id": CREW}),
        members([1, 2], part=0, parts=2),
        members([3], part=1, parts=2),
        *(user(number) for number in range(1, users + 1)),
        stream_of("users", user_id(1), "photo", "image/png", b"\x89PNG not really"),
    ]
    return sorted(records)


def changed(records: list[ForgedRecord], *newer: ForgedRecord, without: tuple[bytes, ...] = ()) -> list[ForgedRecord]:
    """The records with some replaced or added, and some keys gone."""
    merged = {record.key: record for record in (*records, *newer) if record.key not in without}
    return sorted(merged.values())


def sound_story() -> Story:
    """Two epochs, classical and post-quantum, a full and a delta each, and all kinds of statement.

    Log: 0 canary, 1 full 1, 2 delta 2, 3 failed run, 4 canary, 5 full 3, 6 delta 4. Two trust roots.
    """
    first = tenant_records()
    second = changed(first, user(2, title="Mate"), user(6), without=(members([3], part=1, parts=2).key,))
    third = changed(second, user(3, title="Cook"))
    fourth = changed(third, user(4, title="Purser"), without=(user(5).key,))
    gap = {"collection": "conditionalAccessPolicies", "relation": None, "id": None,
           "reason": "forbidden", "detail": "403"}  # fmt: skip
    return Story(
        roots=[
            RootStep([CLASSIC], [ROOT_A, ROOT_B], [SEALER]),
            RootStep([CLASSIC, POST_QUANTUM], [ROOT_A, ROOT_B], [SEALER]),
        ],
        events=[
            CanaryOpened(CLASSIC, day=1),
            Snapshot(first, "full", [CLASSIC], day=1, gaps=[gap], read_but_empty=("devices",)),
            Snapshot(second, "delta", [CLASSIC], day=2),
            FailedRun(day=3),
            CanaryOpened(POST_QUANTUM, day=4),
            Snapshot(third, "full", [POST_QUANTUM], day=4, known_roots=2),
            Snapshot(fourth, "delta", [POST_QUANTUM], day=5, known_roots=2),
        ],
    )


def short_story(*, post_quantum: bool = False) -> Story:
    """One root, one canary, one full: the least that is an archive."""
    vault = POST_QUANTUM if post_quantum else CLASSIC
    return Story(
        roots=[RootStep([vault], [ROOT_A, ROOT_B], [SEALER])],
        events=[CanaryOpened(vault, day=1), Snapshot(tenant_records(), "full", [vault], day=1)],
    )


def audit(number: int, day: int, stream: str = "directoryAudits") -> ForgedRecord:
    """One event of a log."""
    time = "createdDateTime" if stream == "signIns" else "activityDateTime"
    id_ = f"Directory_{number:04}"
    return object_of(stream, id_, {"id": id_, time: f"2026-01-{day:02}T01:00:00.123Z", "result": "success"})


def logs_story() -> Story:
    """Two snapshots, each with the events that were sealed beside it.

    Log: 0 canary, 1 events 1, 2 full 1, 3 events 2, 4 delta 2.
    """
    first = tenant_records()
    days = [[audit(number, 1) for number in range(1, 6)], [audit(number, 2) for number in range(6, 8)]]
    hole = {"stream": "signIns", "from": None, "until": "2026-01-02T02:00:00Z", "reason": "licence-missing",
            "detail": "403"}  # fmt: skip
    return Story(
        roots=[RootStep([CLASSIC], [ROOT_A, ROOT_B], [SEALER])],
        events=[
            CanaryOpened(CLASSIC, day=1),
            EventsRead({"directoryAudits": days[0], "signIns": [audit(1, 1, "signIns")]}, [CLASSIC], day=1),
            Snapshot(first, "full", [CLASSIC], day=1),
            EventsRead({"directoryAudits": days[1], "signIns": []}, [CLASSIC], day=2, gaps=[hole]),
            Snapshot(changed(first, user(2, title="Mate")), "delta", [CLASSIC], day=2),
        ],
    )
