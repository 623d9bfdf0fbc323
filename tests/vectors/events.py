"""F-EVT-1 to F-EVT-6: statements of events and their bundles; and what the rules of all bundles say of these."""

from __future__ import annotations

import base64
import json

from tests.vectors.vector import VectorFile
from tests.verify.kit.crew import CLASSIC, POST_QUANTUM, STRANGER, audit, logs_story, members, user
from tests.verify.kit.edit import Json, always, fields, flipped, member
from tests.verify.kit.story import CanaryOpened, RootStep, Snapshot, Story

VECTORS = VectorFile()
OLD = "2026-02-01T00:00:00Z"


def _names_of_the_first(files: dict[str, bytes]) -> list[str]:
    """The two files of the first bundle of events: those that no snapshot's statement brings."""
    names = [name for name in files if name.startswith("bundles/")]
    digests = {name: name.rpartition("/")[2][:64] for name in names}
    first = _sealed_digests(files)[0]
    return [name for name in names if digests[name] == first]


def _sealed_digests(files: dict[str, bytes]) -> list[str]:
    """Digests of the bundles of events, in the log's order."""
    entries = [files[name] for name in sorted(files) if name.startswith("log/entries/")]
    payloads = [json.loads(base64.b64decode(json.loads(entry)["payload"])) for entry in entries]
    return [payload["bundle"]["sha256"] for payload in payloads if payload["type"] == "events"]


def _without_first(story: Story, *suffixes: str) -> None:
    def cut(files: dict[str, bytes]) -> dict[str, bytes]:
        gone = [name for name in _names_of_the_first(files) if name.endswith(suffixes)]
        return {name: content for name, content in files.items() if name not in gone}

    story.files = cut


def _expired(story: Story) -> None:
    """Lets the retention of the first bundle of events pass."""
    story.events_read[0].payload = member("retain_until", OLD)


@VECTORS.passes("C18", start=logs_story, level=0)
def logs_without_keys(story: Story) -> None:
    """Snapshots and the events beside them, at level 0, where no identity is needed."""


@VECTORS.passes("C26", start=logs_story, arguments=("--snapshot", "all"))
def logs_opened(story: Story) -> None:
    """Snapshots and the events beside them, all opened."""


@VECTORS.passes("C26", start=logs_story)
def logs_of_the_newest_snapshot(story: Story) -> None:
    """The newest snapshot is asked for, and the events that were sealed since the one before it are opened with it."""


@VECTORS.passes("C26", start=logs_story)
def events_none(story: Story) -> None:
    """A run that read the logs, found nothing and says so: its bundle has no rows."""
    story.events_read[1].streams = {"directoryAudits": [], "signIns": []}


@VECTORS.fails("F-EVT-1", "C18", "LogError", start=logs_story, level=0)
def events_number_left_out(story: Story) -> None:
    """The second statement of events bears the number 3."""
    story.events_read[1].payload = member("sequence", 3)


@VECTORS.fails("F-EVT-1", "C18", "LogError", start=logs_story, level=0)
def events_number_repeated(story: Story) -> None:
    """The second statement of events bears the number 1 again."""
    story.events_read[1].payload = member("sequence", 1)


@VECTORS.fails("F-EVT-1", "C18", "LogError", start=logs_story, level=0)
def events_statement_left_out(story: Story) -> None:
    """The first statement of events was never logged: the next one names it."""
    first = story.events_read[0]

    def dropped(entries: list[bytes]) -> list[bytes]:
        at = story.index_of(first)
        return entries[:at] + entries[at + 1 :]

    story.events = [one for one in story.events if not isinstance(one, Snapshot)]
    story.entries = dropped


@VECTORS.fails("F-EVT-1", "C18", "LogError", start=logs_story, level=0)
def events_that_name_another_statement(story: Story) -> None:
    """The second statement of events names another one as its predecessor."""
    story.events_read[1].payload = member("previous", "00" * 32)


@VECTORS.fails("F-EVT-1", "C18", "LogError", start=logs_story, level=0)
def first_events_with_a_predecessor(story: Story) -> None:
    """The first statement of events names a predecessor."""
    story.events_read[0].payload = member("previous", "00" * 32)


@VECTORS.fails("F-EVT-2", "C18", "WrongArchiveError", start=logs_story, level=0)
def events_of_another_tenant(story: Story) -> None:
    """Events are of another tenant than the snapshots."""
    story.events_read[1].payload = member("tenant", "00000000-0f5e-4a1f-9d43-6c0e2f1b8a90")


@VECTORS.fails("F-EVT-2", "C18", "WrongArchiveError", start=logs_story, level=0)
def events_of_a_real_tenant_beside_a_simulated_one(story: Story) -> None:
    """Events say that they are of a real tenant, and the snapshots that theirs is simulated."""
    story.events_read[0].payload = member("simulated", False)


@VECTORS.fails("F-EVT-3", "C18", "LogError", start=logs_story, level=0)
def stream_with_a_hole_that_nobody_names(story: Story) -> None:
    """The second statement begins an hour after the first one ended."""
    story.events_read[1].payload = member("streams.directoryAudits.from", "2026-01-01T03:00:00Z")


@VECTORS.fails("F-EVT-3", "C18", "LogError", start=logs_story, level=0)
def stream_that_begins_anew(story: Story) -> None:
    """The second statement begins as if there had been none before."""
    story.events_read[1].payload = member("streams.directoryAudits.from", None)


@VECTORS.fails("F-EVT-3", "C18", "LogError", start=logs_story, level=0)
def first_events_that_go_on(story: Story) -> None:
    """The first statement goes on from a time up to which nothing is archived."""
    story.events_read[0].payload = member("streams.signIns.from", "2025-12-31T00:00:00Z")


@VECTORS.fails("F-EVT-3", "C18", "LogError", start=logs_story, level=0)
def stream_that_ends_before_it_begins(story: Story) -> None:
    """A stream is known until an hour before the time that it was known until."""
    story.events_read[1].payload = member("streams.signIns.until", "2026-01-01T01:00:00Z")


@VECTORS.fails("F-EVT-3", "C18", "LogError", start=logs_story, level=0)
def stream_that_is_known_no_more(story: Story) -> None:
    """A stream that was known until yesterday is not known at all."""
    story.events_read[1].payload = member("streams.signIns.until", None)


@VECTORS.passes("F-EVT-3", start=logs_story, level=0)
def stream_of_which_nothing_could_be_read_yet(story: Story) -> None:
    """A stream is named with a gap for two days, and nothing of it is known."""
    for read in story.events_read:
        read.streams["provisioning"] = []

    def unknown(payload: Json) -> Json:
        payload["streams"]["provisioning"] |= {"from": None, "until": None}
        return payload

    for read in story.events_read:
        read.payload = unknown


@VECTORS.passes("F-EVT-3", start=logs_story, level=0)
def stream_that_is_left_out_for_a_run(story: Story) -> None:
    """A log that a run did not read is not named, and goes on later."""
    del story.events_read[1].streams["signIns"]


@VECTORS.fails("F-EVT-4", "C07", "SignatureError", start=logs_story, level=0)
def events_for_a_recipient_that_no_root_names(story: Story) -> None:
    """Events are sealed to somebody whom no trust root names."""
    story.events_read[1].recipients = [STRANGER]


@VECTORS.fails("F-EVT-4", "C07", "SignatureError", start=logs_story, level=0)
def events_for_a_recipient_before_its_time(story: Story) -> None:
    """The trust root names the recipient for a later time."""
    first = story.roots[0]
    story.roots = [RootStep([CLASSIC, POST_QUANTUM], first.root_keys, first.sealer_keys)]
    story.roots[0].statement.payload = member("recipients.1.not_before", "2026-06-01T00:00:00Z")
    story.events.insert(1, CanaryOpened(POST_QUANTUM, day=1))
    story.events_read[1].recipients = [POST_QUANTUM]


@VECTORS.fails("C11", "C11", "SignatureError", start=logs_story, level=0)
def events_sealed_before_the_canary_was_opened(story: Story) -> None:
    """Events are sealed to a recipient whose canary is opened later, before the first snapshot."""
    canary = story.events.pop(0)
    story.events.insert(1, canary)


@VECTORS.fails("F-EVT-5", "C18", "MalformedError", start=logs_story, level=0)
def events_that_end_before_they_begin(story: Story) -> None:
    """The reading of events ends before it begins."""
    story.events_read[1].payload = member("taken_at", "2026-01-02T01:59:59Z")


@VECTORS.fails("F-EVT-6", "C26", "DigestError", start=logs_story)
def events_more_than_are_there(story: Story) -> None:
    """The statement says of a stream that it has one event more than the bundle holds."""
    story.events_read[1].payload = member("streams.directoryAudits.events", 3)


@VECTORS.fails("F-EVT-6", "C26", "DigestError", start=logs_story)
def events_of_a_stream_that_is_not_named(story: Story) -> None:
    """The bundle holds an event of a log that the statement does not name."""
    story.events_read[1].rows = lambda rows: sorted([*rows, audit(9, 2, "provisioning")])


@VECTORS.fails("F-EVT-6", "C26", "DigestError", start=logs_story)
def events_beside_an_object_of_the_tenant(story: Story) -> None:
    """The bundle holds a user."""
    story.events_read[1].rows = lambda rows: sorted([*rows, user(1)])


@VECTORS.fails("F-EVT-6", "C26", "DigestError", start=logs_story)
def events_with_a_relation(story: Story) -> None:
    """The bundle holds a relation in place of an event, under the name of a log."""
    relation = members([1])
    moved = relation._replace(
        key=relation.key.replace(b"groups", b"signIns", 1), line=relation.line.replace(b"groups", b"signIns", 1)
    )
    story.events_read[1].rows = lambda rows: sorted([*rows, moved])
    story.events_read[1].payload = member("streams.signIns.events", 1)


@VECTORS.fails("F-STATE-1", "C26", "DigestError", start=logs_story)
def events_with_another_root(story: Story) -> None:
    """The root is that of one event less."""
    story.events_read[1].state = lambda rows: rows[1:]
    story.events_read[1].payload = member("state_count", 2)


@VECTORS.fails("F-STATE-1", "C26", "DigestError", start=logs_story)
def events_with_another_count(story: Story) -> None:
    """The statement counts one record more than there are."""
    story.events_read[1].payload = member("state_count", 3)


@VECTORS.fails("F-BUN-6", "C26", "MalformedError", start=logs_story)
def events_sealed_as_a_full(story: Story) -> None:
    """The footer says that the bundle of events is a full."""
    story.events_read[1].kind = "full"


@VECTORS.fails("F-BUN-6", "C26", "MalformedError", start=logs_story)
def events_of_an_epoch(story: Story) -> None:
    """The footer gives the bundle of events an epoch."""
    story.events_read[1].bundle.footer = fields(epoch=1)


@VECTORS.fails("F-BUN-6", "C26", "MalformedError", start=logs_story)
def events_under_the_number_of_others(story: Story) -> None:
    """The footer gives the bundle the number of the events before it."""
    story.events_read[1].bundle.footer = fields(sequence=1)


@VECTORS.fails("F-BUN-6", "C22", "MalformedError", start=logs_story)
def full_sealed_as_events(story: Story) -> None:
    """The footer says of a snapshot's bundle that it holds events."""
    story.snapshots[0].bundle.footer = fields(kind=3)


@VECTORS.fails("F-BUN-5", "C26", "MalformedError", start=logs_story)
def events_with_a_tombstone(story: Story) -> None:
    """A bundle of events holds a tombstone: no event is ever taken back."""
    story.events_read[1].tombstones = [audit(1, 1).key]


@VECTORS.fails("F-BUN-3", "C26", "DigestError", start=logs_story)
def event_exchanged_in_its_block(story: Story) -> None:
    """The text of a block holds another event than its row."""
    story.events_read[1].bundle.texts = lambda texts: [text.replace(b"success", b"failure", 1) for text in texts]


@VECTORS.fails("F-BUN-3", "C26", "MalformedError", start=logs_story)
def events_in_another_order(story: Story) -> None:
    """The rows of a bundle of events are not sorted by key."""
    story.events_read[1].rows = lambda rows: rows[::-1]


@VECTORS.fails("F-AGE-2", "C26", "MalformedError", start=logs_story)
def events_sealed_to_one_more(story: Story) -> None:
    """A bundle of events is sealed to one recipient more than its statement says."""
    story.events_read[1].recipients = [CLASSIC, STRANGER]
    story.events_read[1].payload = member("recipients", [CLASSIC.fingerprint])


@VECTORS.incomplete(
    "C26", "C21", error="WrongIdentityError", start=logs_story, arguments=("--identity", "{folder}/stranger.txt")
)
def events_with_a_stranger_s_identity(story: Story) -> None:
    """The identity given opens nothing in this archive, of which nothing follows for its events."""


@VECTORS.fails("C08", "C08", "DigestError", start=logs_story, level=0)
def events_bundle_missing(story: Story) -> None:
    """A bundle of events is missing before its retention has passed."""
    _without_first(story, ".age", ".seg")


@VECTORS.fails("C08", "C08", "DigestError", start=logs_story)
def events_bundle_that_was_not_asked_for_missing(story: Story) -> None:
    """The newest snapshot is asked for, and an older bundle of events is missing."""
    _without_first(story, ".age")


@VECTORS.passes("C08", start=logs_story, arguments=("--snapshot", "all"))
def events_expired(story: Story) -> None:
    """A bundle of events is gone after its own retention has passed, which is not that of the snapshots."""
    _expired(story)
    _without_first(story, ".age", ".seg")


@VECTORS.fails("C08", "C08", "DigestError", start=logs_story, level=0)
def events_expired_by_half(story: Story) -> None:
    """The bundle is gone after its retention has passed, and its segment list is there."""
    _expired(story)
    _without_first(story, ".age")


@VECTORS.fails("F-SEG-1", "C09", "DigestError", start=logs_story, level=0)
def events_with_another_segment_list(story: Story) -> None:
    """The segment list of a bundle of events is another one's."""
    story.events_read[0].segments = lambda hashes: [bytes(32) for _ in hashes]


@VECTORS.fails("F-NAME-1", "C08", "DigestError", start=logs_story, level=0)
def events_with_a_flipped_bit(story: Story) -> None:
    """One bit of a bundle of events is flipped where it lies."""

    def damaged(files: dict[str, bytes]) -> dict[str, bytes]:
        (name,) = (name for name in _names_of_the_first(files) if name.endswith(".age"))
        return files | {name: flipped(-1)(files[name])}

    story.files = damaged


@VECTORS.fails("F-SIG-4", "C05", "MalformedError", start=logs_story, level=0)
def events_under_the_type_of_a_run(story: Story) -> None:
    """A statement of events is signed under the payload type of a failed run."""
    story.events_read[0].statement.payload_type = always("application/vnd.strongroom.run+json")
