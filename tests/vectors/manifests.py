"""F-MAN: what manifests say of each other, of recipients, retention and counts."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from tests.vectors.vector import VectorFile
from tests.verify.kit.crew import CLASSIC, STRANGER, short_story, sound_story, user
from tests.verify.kit.edit import Json, member
from tests.verify.kit.sealing import KEPT_DAYS, text_of, time_of
from tests.verify.kit.story import CanaryOpened, ManifestEdit, Sealed, Snapshot, Story

VECTORS = VectorFile()
_UNTIL = time_of(2 + KEPT_DAYS)
"""Until when the first delta of the sound story, of day 2, is kept."""


def _set(path: str, value: object) -> ManifestEdit:
    return lambda payload, past: member(path, value)(payload)


def _two_recipients() -> Story:
    """A snapshot that is sealed to two recipients, both named and proved."""
    story = short_story()
    story.roots[0].recipients = [CLASSIC, STRANGER]
    story.events.insert(0, CanaryOpened(STRANGER, day=1))
    story.snapshots[0].recipients = [CLASSIC, STRANGER]
    return story


@VECTORS.fails("F-MAN-1", "C06", "LogError", level=0)
def first_sequence_of_two(story: Story) -> None:
    """The first manifest has sequence 2."""
    story.snapshots[0].manifest = _set("sequence", 2)


@VECTORS.fails("F-MAN-1", "C06", "LogError", start=sound_story, level=0)
def sequence_that_skips(story: Story) -> None:
    """The last manifest has sequence 5 after 3."""
    story.snapshots[3].manifest = _set("sequence", 5)


@VECTORS.fails("F-MAN-1", "C06", "LogError", start=sound_story, level=0)
def sequence_that_repeats(story: Story) -> None:
    """The last manifest has the sequence of the one before."""
    story.snapshots[3].manifest = _set("sequence", 3)


@VECTORS.fails("F-MAN-1", "C06", "LogError", start=sound_story, level=0)
def previous_of_another(story: Story) -> None:
    """A manifest names as its previous the one before the previous."""
    story.snapshots[3].manifest = lambda payload, past: {**payload, "previous": _digest_of(past[1])}


@VECTORS.fails("F-MAN-1", "C06", "LogError", start=sound_story, level=0)
def previous_missing(story: Story) -> None:
    """A later manifest names none before it."""
    story.snapshots[1].manifest = _set("previous", None)


@VECTORS.fails("F-MAN-1", "C06", "LogError", level=0)
def previous_of_the_first(story: Story) -> None:
    """The first manifest names one before it."""
    story.snapshots[0].manifest = _set("previous", "00" * 32)


@VECTORS.fails("F-MAN-1", "C06", "LogError", level=0)
def first_epoch_of_two(story: Story) -> None:
    """The first full has epoch 2."""
    story.snapshots[0].manifest = _set("epoch", 2)


@VECTORS.fails("F-MAN-1", "C06", "LogError", start=sound_story, level=0)
def epoch_that_stands_still(story: Story) -> None:
    """The second full has the epoch of the first."""
    story.snapshots[2].manifest = _set("epoch", 1)


@VECTORS.fails("F-MAN-1", "C06", "LogError", start=sound_story, level=0)
def delta_of_another_epoch(story: Story) -> None:
    """A delta bears the epoch of the full before its own."""
    story.snapshots[3].manifest = _set("epoch", 1)


@VECTORS.fails("F-MAN-2", "C06", "LogError", start=sound_story, level=0)
def delta_on_an_older_full(story: Story) -> None:
    """A delta of the second epoch leans on the full of the first."""
    story.snapshots[3].manifest = lambda payload, past: {**payload, "leans_on": _lean_on(past[0])}


@VECTORS.fails("F-MAN-2", "C06", "LogError", start=sound_story, level=0)
def delta_on_another_manifest(story: Story) -> None:
    """A delta names its full's sequence and bundle, and another manifest."""
    story.snapshots[3].manifest = _set("leans_on.manifest_sha256", "00" * 32)


@VECTORS.fails("F-MAN-2", "C06", "LogError", start=sound_story, level=0)
def delta_on_another_bundle(story: Story) -> None:
    """A delta names its full's manifest and another bundle."""
    story.snapshots[3].manifest = _set("leans_on.bundle_sha256", "00" * 32)


@VECTORS.fails("F-MAN-2", "C06", "LogError", start=sound_story, level=0)
def delta_on_another_sequence(story: Story) -> None:
    """A delta names its full's manifest and another sequence."""
    story.snapshots[3].manifest = _set("leans_on.sequence", 1)


@VECTORS.fails("F-MAN-2", "C06", "LogError", start=sound_story, level=0)
def delta_on_what_is_not_there(story: Story) -> None:
    """A delta names a sequence that no snapshot has."""
    story.snapshots[3].manifest = _set("leans_on.sequence", 99)


@VECTORS.fails("F-MAN-2", "C06", "LogError", start=sound_story, level=0)
def delta_on_a_delta(story: Story) -> None:
    """A delta leans on the delta before it, which it names in every respect as it is."""
    last = story.snapshots[3]
    story.events.append(Snapshot([*last.live, user(9)], "delta", list(last.recipients), day=6, known_roots=2))
    story.snapshots[4].manifest = lambda payload, past: {**payload, "leans_on": _lean_on(past[3])}


@VECTORS.fails("F-MAN-2", "C06", "LogError", start=sound_story, level=0)
def delta_that_leans_on_nothing(story: Story) -> None:
    """A delta leans on nothing."""
    story.snapshots[3].manifest = _set("leans_on", None)


@VECTORS.fails("F-MAN-2", "C06", "LogError", start=sound_story, level=0)
def full_that_leans(story: Story) -> None:
    """A full leans on the full before it."""
    story.snapshots[2].manifest = lambda payload, past: {**payload, "leans_on": _lean_on(past[0])}


@VECTORS.fails("F-MAN-3", "C06", "WrongArchiveError", start=sound_story, level=0)
def snapshot_of_another_tenant(story: Story) -> None:
    """A later manifest names another tenant."""
    story.snapshots[3].manifest = _set("tenant", "11111111-2222-3333-4444-555555555555")


@VECTORS.fails("F-MAN-3", "C06", "WrongArchiveError", start=sound_story, level=0)
def snapshot_of_the_real_world(story: Story) -> None:
    """A manifest says that the tenant was not simulated, after others said that it was."""
    story.snapshots[3].manifest = _set("simulated", False)


@VECTORS.fails("F-MAN-4", "C10", "LogError", start=sound_story, level=0)
def full_that_expires_first(story: Story) -> None:
    """A full may be deleted a second before the delta that leans on it."""
    story.snapshots[0].manifest = _set("retain_until", text_of(_UNTIL - timedelta(seconds=1)))


@VECTORS.passes("F-MAN-4", start=sound_story, level=0)
def full_that_expires_with_its_delta(story: Story) -> None:
    """A full is kept exactly as long as the delta that leans on it."""
    story.snapshots[0].manifest = _set("retain_until", text_of(_UNTIL))


@VECTORS.fails("F-MAN-5", "C07", "SignatureError", level=0)
def recipient_that_no_root_names(story: Story) -> None:
    """A bundle is sealed to somebody whom the trust root does not name, and the manifest says so."""
    story.snapshots[0].recipients = [CLASSIC, STRANGER]


@VECTORS.fails("F-JSON-2", "C05", "MalformedError", start=_two_recipients, level=0)
def recipients_out_of_order(story: Story) -> None:
    """A manifest's recipients are not sorted."""
    story.snapshots[0].manifest = lambda payload, past: {**payload, "recipients": payload["recipients"][::-1]}


@VECTORS.fails("F-JSON-2", "C05", "MalformedError", level=0)
def manifest_of_two_bundles(story: Story) -> None:
    """A manifest names its bundle twice; format 1 has one."""
    story.snapshots[0].manifest = lambda payload, past: {**payload, "bundles": payload["bundles"] * 2}


@VECTORS.fails("F-JSON-2", "C05", "MalformedError", level=0)
def manifest_that_names_no_recipient(story: Story) -> None:
    """A manifest names nobody to whom its bundle is sealed."""
    story.snapshots[0].manifest = _set("recipients", [])


@VECTORS.fails("F-JSON-2", "C05", "MalformedError", level=0)
def recipient_that_stands_twice(story: Story) -> None:
    """A manifest names its one recipient twice."""
    story.snapshots[0].manifest = lambda payload, past: {**payload, "recipients": payload["recipients"] * 2}


@VECTORS.fails("F-JSON-2", "C05", "MalformedError", level=0)
def recipient_that_is_no_fingerprint(story: Story) -> None:
    """A manifest names a recipient by the string that begins with age1."""
    story.snapshots[0].manifest = _set("recipients", [CLASSIC.recipient])


@VECTORS.fails("F-MAN-8", "C07", "SignatureError", level=0)
def recipient_before_his_time(story: Story) -> None:
    """A snapshot is taken a second before its recipient is in force."""
    story.roots[0].statement.payload = member("recipients.0.not_before", "2026-01-01T02:17:01Z")


@VECTORS.passes("F-MAN-8", level=0)
def recipient_in_the_second_of_his_time(story: Story) -> None:
    """A snapshot is taken in the second from which on its recipient is in force; its reading began before."""
    story.roots[0].statement.payload = member("recipients.0.not_before", "2026-01-01T02:17:00Z")


@VECTORS.fails("F-MAN-8", "C07", "SignatureError", start=sound_story, level=0)
def recipient_whose_time_a_later_root_moves(story: Story) -> None:
    """Root 1 puts a recipient in force on the first day, and root 2, whose word counts, on the second."""
    story.roots[1].statement.payload = member("recipients.0.not_before", "2026-01-02T00:00:00Z")


@VECTORS.fails("F-MAN-6", "C25", "DigestError")
def count_of_objects_too_high(story: Story) -> None:
    """A manifest counts one user too many."""
    story.snapshots[0].manifest = _set("counts.users.objects", 6)


@VECTORS.fails("F-MAN-6", "C25", "DigestError")
def count_of_records_too_low(story: Story) -> None:
    """A manifest counts one record of groups too few."""
    story.snapshots[0].manifest = _set("counts.groups.records", 2)


@VECTORS.fails("F-MAN-6", "C25", "DigestError")
def count_of_a_collection_missing(story: Story) -> None:
    """A manifest is silent about a collection that has records."""

    def edited(payload: Json, past: list[Sealed]) -> Json:
        del payload["counts"]["groups"]
        return payload

    story.snapshots[0].manifest = edited


@VECTORS.fails("F-MAN-6", "C25", "DigestError")
def count_of_a_collection_without_records(story: Story) -> None:
    """A manifest counts objects of a collection of which there is no record."""
    story.snapshots[0].manifest = _set("counts.devices", {"objects": 1, "records": 1})


@VECTORS.fails("F-MAN-6", "C25", "DigestError", start=sound_story)
def count_of_a_delta(story: Story) -> None:
    """A delta's manifest counts the rows of the delta and not the live records."""
    story.snapshots[1].manifest = _set("counts.users", {"objects": 2, "records": 2})


@VECTORS.passes("F-MAN-6")
def count_of_an_empty_collection(story: Story) -> None:
    """A collection that was read and is empty stands with zeros."""
    story.snapshots[0].read_but_empty = ("devices", "domains")


@VECTORS.fails("F-MAN-7", "C06", "MalformedError", level=0)
def taken_before_it_was_started(story: Story) -> None:
    """A snapshot ends a second before it begins."""
    story.snapshots[0].manifest = _set("taken_at", "2026-01-01T01:59:59Z")


@VECTORS.passes("F-MAN-7", level=0)
def taken_in_the_second_of_its_start(story: Story) -> None:
    """A snapshot begins and ends within one second."""
    story.snapshots[0].manifest = _set("taken_at", "2026-01-01T02:00:00Z")


@VECTORS.passes("F-MAN-7", start=sound_story, level=0)
def taken_before_the_snapshot_before(story: Story) -> None:
    """The host's clock was set back: a snapshot is dated before the one before it, and the log's order counts."""
    story.snapshots[1].manifest = lambda payload, past: {
        **payload, "started_at": "2026-01-01T02:00:00Z", "taken_at": "2026-01-01T02:00:01Z"
    }  # fmt: skip


@VECTORS.passes("F-MAN-1", level=0)
def gaps_of_every_reason(story: Story) -> None:
    """Each reason may stand in a gap; a gap is shown and does not change the verdict."""
    reasons = ("forbidden", "licence-missing", "delegated-only", "throttled-out", "malformed-page",
               "unreachable", "server-error", "not-found", "foreign-link", "interrupted")  # fmt: skip
    story.snapshots[0].gaps = [
        {"collection": "users", "relation": "manager", "id": str(place), "reason": reason, "detail": ""}
        for place, reason in enumerate(reasons)
    ]


@VECTORS.passes("F-MAN-1", level=0)
def graph_date_unknown(story: Story) -> None:
    """A manifest may say that the service gave no date."""
    story.snapshots[0].manifest = _set("graph_date", None)


def _digest_of(sealed: Sealed) -> str:
    return hashlib.sha256(sealed.entry).hexdigest()


def _lean_on(sealed: Sealed) -> Json:
    return {
        "sequence": sealed.payload["sequence"],
        "manifest_sha256": _digest_of(sealed),
        "bundle_sha256": sealed.payload["bundles"][0]["sha256"],
    }
