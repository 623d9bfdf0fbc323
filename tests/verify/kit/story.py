"""A story: what happened to an archive, as data, with an edit at every place where it may be broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.verify.kit.age_file import AgeEdits
from tests.verify.kit.bundle import BundleEdits
from tests.verify.kit.checkpoint import CheckpointEdits
from tests.verify.kit.edit import Edit, Json, keep
from tests.verify.kit.keys import AgeIdentity, LogPair, SignerPair, log_pair, seed_of
from tests.verify.kit.record import ForgedRecord
from tests.verify.kit.statement import StatementEdits


@dataclass(frozen=True)
class Sealed:
    """A snapshot as it went into the archive: the manifest's payload, its log entry, and the bundle."""

    payload: Json
    entry: bytes
    bundle: bytes
    plaintext: bytes


ManifestEdit = Callable[[Json, list[Sealed]], Json]
"""An edit of a manifest that also sees the snapshots before it."""


def keep_manifest(payload: Json, past: list[Sealed]) -> Json:
    """The manifest edit that changes nothing."""
    return payload


@dataclass
class Snapshot:
    """A run that sealed a snapshot.

    `live` is the whole state, sorted by key; `kind` is `full` or `delta`; `day` counts from 1 and gives the
    times. `rows` edits what goes into the bundle (and, in a full, into the state tree), `state` the records
    that the state root is computed over, `known_roots` how many trust roots existed.
    """

    live: list[ForgedRecord]
    kind: str
    recipients: list[AgeIdentity]
    day: int
    known_roots: int = 1
    gaps: list[Json] = field(default_factory=list)
    read_but_empty: tuple[str, ...] = ()
    rows: Edit[list[ForgedRecord]] = keep
    state: Edit[list[ForgedRecord]] = keep
    secret: Edit[bytes] = keep
    bundle: BundleEdits = field(default_factory=BundleEdits)
    age: AgeEdits = field(default_factory=AgeEdits)
    bundle_file: Edit[bytes] = keep
    segments: Edit[list[bytes]] = keep
    manifest: ManifestEdit = keep_manifest
    statement: StatementEdits = field(default_factory=StatementEdits)
    so_far: Edit[list[bytes]] = keep
    carried: Edit[Json] = keep
    carried_file: Edit[bytes] = keep


@dataclass
class FailedRun:
    """A run that sealed nothing."""

    day: int
    statement: StatementEdits = field(default_factory=StatementEdits)


@dataclass
class CanaryOpened:
    """Proof that somebody opened the canary of `identity`."""

    identity: AgeIdentity
    day: int
    statement: StatementEdits = field(default_factory=StatementEdits)


@dataclass
class EventsRead:
    """A run that sealed events; `streams` holds those of each log, sorted by key. It knows each log until its day.

    `rows` edits what goes into the bundle, `state` the records that the root is computed over.
    """

    streams: dict[str, list[ForgedRecord]]
    recipients: list[AgeIdentity]
    day: int
    gaps: list[Json] = field(default_factory=list)
    kind: str = "events"
    rows: Edit[list[ForgedRecord]] = keep
    state: Edit[list[ForgedRecord]] = keep
    tombstones: list[bytes] = field(default_factory=list)
    bundle: BundleEdits = field(default_factory=BundleEdits)
    age: AgeEdits = field(default_factory=AgeEdits)
    bundle_file: Edit[bytes] = keep
    segments: Edit[list[bytes]] = keep
    payload: Edit[Json] = keep
    statement: StatementEdits = field(default_factory=StatementEdits)


Event = Snapshot | FailedRun | CanaryOpened | EventsRead


@dataclass
class RootStep:
    """One trust root. `signed_by` defaults to the root role's keys of this step and of the one before."""

    recipients: list[AgeIdentity]
    root_keys: list[SignerPair]
    sealer_keys: list[SignerPair]
    root_threshold: int = 2
    sealer_threshold: int = 1
    signed_by: list[SignerPair] | None = None
    policy: Json = field(default_factory=dict)
    revocations: list[Json] = field(default_factory=list)
    statement: StatementEdits = field(default_factory=StatementEdits)


@dataclass
class Canary:
    """How the canary of one recipient is made."""

    text: Edit[bytes] = keep
    age: AgeEdits = field(default_factory=AgeEdits)


@dataclass
class Story:
    """Everything that happened, in order. Each event is one log entry, followed by a checkpoint.

    `label` names the archive: stories of two labels share keys and no archive id. `entries` edits the log
    before checkpoints are made, `checkpoints` holds edits by size, `files` edits what is on disk at the end.
    """

    roots: list[RootStep]
    events: list[Event]
    label: str = "crew"
    tenant: str = "5a7bd3c1-0f5e-4a1f-9d43-6c0e2f1b8a90"
    log: LogPair = field(default_factory=lambda: log_pair("log"))
    canaries: dict[str, Canary] = field(default_factory=dict)
    entries: Edit[list[bytes]] = keep
    checkpoints: dict[int, CheckpointEdits] = field(default_factory=dict)
    files: Edit[dict[str, bytes]] = keep

    @property
    def archive_id(self) -> bytes:
        """16 bytes."""
        return seed_of(f"archive {self.label}")[:16]

    @property
    def origin(self) -> str:
        """The log's origin."""
        return f"strongroom.invalid/{self.archive_id.hex()}"

    @property
    def snapshots(self) -> list[Snapshot]:
        """The snapshots in order; the first is sequence 1."""
        return [event for event in self.events if isinstance(event, Snapshot)]

    @property
    def events_read(self) -> list[EventsRead]:
        """The runs that sealed events, in order; the first is sequence 1."""
        return [event for event in self.events if isinstance(event, EventsRead)]

    def index_of(self, event: Event) -> int:
        """The log index of an event."""
        return next(place for place, one in enumerate(self.events) if one is event)

    def checkpoint(self, size: int) -> CheckpointEdits:
        """The edits of the checkpoint of that size."""
        return self.checkpoints.setdefault(size, CheckpointEdits())

    def canary(self, identity: AgeIdentity) -> Canary:
        """The edits of that recipient's canary."""
        return self.canaries.setdefault(identity.fingerprint, Canary())

    @property
    def identities(self) -> list[AgeIdentity]:
        """Every identity that some root names, once."""
        found = {identity.fingerprint: identity for step in self.roots for identity in step.recipients}
        return list(found.values())
