"""F-NAME, F-SEG and F-FWD: files in their places, segment lists, and the copies beside a full."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from tests.vectors.vector import VectorFile
from tests.verify.kit.archive import forge_files
from tests.verify.kit.crew import short_story, sound_story, tenant_records
from tests.verify.kit.edit import Edit, always, flipped, member
from tests.verify.kit.keys import seed_of
from tests.verify.kit.record import stream_of
from tests.verify.kit.story import Story

VECTORS = VectorFile()
Files = dict[str, bytes]


def _bundle(ending: str, edit: Edit[bytes]) -> Edit[Files]:
    """Edits the one file of a short story's bundle that ends so."""
    return lambda files: {name: edit(text) if name.endswith(ending) and "sha256" in name else text
                          for name, text in files.items()}  # fmt: skip


def without(matches: Callable[[str], bool]) -> Edit[Files]:
    """Leaves out the files whose names match; one at least must."""

    def edited(files: Files) -> Files:
        assert any(matches(name) for name in files)
        return {name: content for name, content in files.items() if not matches(name)}

    return edited


def large_story() -> Story:
    """A bundle of several segments and age chunks: a stream of 200,000 bytes does not compress."""
    story = short_story()
    noise = b"".join(seed_of(f"noise {place}") for place in range(6250))
    story.snapshots[0].live = sorted([*tenant_records(), stream_of("users", "zz", "photo", "image/png", noise)])
    return story


@VECTORS.fails("F-NAME-1", "C08", "DigestError", level=0)
def bundle_with_a_flipped_bit(story: Story) -> None:
    """One bit in the middle of a bundle is flipped."""
    story.files = _bundle(".age", flipped(900))


@VECTORS.fails("F-NAME-1", "C08", "DigestError", level=0)
def bundle_cut_short(story: Story) -> None:
    """A bundle lacks its last byte."""
    story.files = _bundle(".age", lambda content: content[:-1])


@VECTORS.fails("F-NAME-1", "C08", "DigestError", level=0)
def bundle_emptied(story: Story) -> None:
    """A bundle has no bytes."""
    story.files = _bundle(".age", always(b""))


@VECTORS.fails("F-NAME-1", "C08", "DigestError", level=0)
def bundle_followed_by_a_byte(story: Story) -> None:
    """A bundle is followed by a byte."""
    story.files = _bundle(".age", lambda content: content + b"\n")


@VECTORS.fails("F-NAME-1", "C08", "DigestError", start=sound_story, level=0)
def bundle_of_another_snapshot(story: Story) -> None:
    """A bundle's file holds the bundle of another snapshot of this archive."""

    def edited(files: Files) -> Files:
        first, second = sorted(name for name in files if name.startswith("bundles/") and name.endswith(".age"))[:2]
        return {**files, first: files[second]}

    story.files = edited


@VECTORS.fails("F-NAME-1", "C08", "DigestError", level=0)
def bundle_of_another_archive(story: Story) -> None:
    """A bundle's file holds the bundle that another tenant's archive sealed for the same recipient."""
    other = short_story()
    other.label = "another crew"
    stolen = forge_files(other).sealed[0].bundle
    story.files = _bundle(".age", always(stolen))


@VECTORS.fails("C08", "C08", "DigestError", level=0)
def bundle_missing(story: Story) -> None:
    """The bundle of a snapshot is missing."""
    story.files = without(lambda name: name.startswith("bundles/") and name.endswith(".age"))


@VECTORS.fails("C08", "C08", "DigestError", level=0)
def bundle_missing_with_its_segment_list(story: Story) -> None:
    """Both files of a snapshot are missing before its retention has passed."""
    story.snapshots[0].manifest = lambda payload, past: {**payload, "retain_until": "2999-01-01T00:00:00Z"}
    story.files = without(lambda name: name.startswith("bundles/"))


@VECTORS.fails("C08", "C08", "DigestError", level=0)
def bundle_missing_after_its_retention(story: Story) -> None:
    """The bundle is missing after its retention has passed, and its segment list is there: nothing expires by half."""
    story.snapshots[0].manifest = lambda payload, past: {**payload, "retain_until": "2026-02-01T00:00:00Z"}
    story.files = without(lambda name: name.startswith("bundles/") and name.endswith(".age"))


@VECTORS.fails("F-SEG-1", "C09", "DigestError", level=0)
def segment_list_missing_after_its_retention(story: Story) -> None:
    """The segment list is missing after the retention has passed, and the bundle is there."""
    story.snapshots[0].manifest = lambda payload, past: {**payload, "retain_until": "2026-02-01T00:00:00Z"}
    story.files = without(lambda name: name.endswith(".seg"))


@VECTORS.fails("F-NAME-1", "C08", "DigestError", level=0)
def bundle_under_the_name_that_is_signed_and_wrong(story: Story) -> None:
    """The manifest gives another SHA-256 than the bundle has, under which the bundle lies; all else is right."""
    name = "ab" * 32
    story.snapshots[0].manifest = lambda payload, past: member("bundles.0.sha256", name)(payload)
    story.files = lambda files: {
        f"bundles/sha256/ab/{name}{file[-4:]}" if file.startswith("bundles/") else file: content
        for file, content in files.items()
    }


def _expired_story() -> Story:
    """Both bundles of the first epoch are gone after their retention has passed."""
    story = sound_story()
    for snapshot in story.snapshots[:2]:
        snapshot.manifest = lambda payload, past: {**payload, "retain_until": "2026-02-01T00:00:00Z"}

    def edited(files: Files) -> Files:
        gone = [f"log/entries/{place:08d}.dsse.json" for place in (1, 2)]
        payloads = [json.loads(base64.b64decode(json.loads(files[name])["payload"])) for name in gone]
        digests = {payload["bundles"][0]["sha256"] for payload in payloads}
        return {name: content for name, content in files.items() if name.rpartition("/")[2][:64] not in digests}

    story.files = edited
    return story


@VECTORS.passes("C08", start=_expired_story)
def bundles_expired(story: Story) -> None:
    """The bundles of the first epoch are gone after their retention has passed: expired, and no gap."""


@VECTORS.incomplete("C08", "C21", start=_expired_story, arguments=("--snapshot", "1"))
def snapshot_asked_for_that_has_expired(story: Story) -> None:
    """A snapshot that has expired is asked for by name: nothing is wrong, and nothing is there to be opened."""


@VECTORS.passes("F-FWD-1", start=_expired_story, level=0)
def evidence_of_an_expired_full_gone(story: Story) -> None:
    """With the bundles of an epoch, the evidence that lay beside its full is gone."""
    expired = story.files
    story.files = lambda files: without(lambda name: name.startswith("log/so-far/00000002"))(expired(files))


@VECTORS.fails("C08", "C08", "DigestError", start=sound_story, arguments=("--snapshot", "latest"))
def full_damaged_under_the_delta_asked_for(story: Story) -> None:
    """A delta is asked for, and one bit of the full that it leans on is flipped."""

    def edited(files: Files) -> Files:
        payload = json.loads(base64.b64decode(json.loads(files["log/entries/00000005.dsse.json"])["payload"]))
        digest = payload["bundles"][0]["sha256"]
        name = f"bundles/sha256/{digest[:2]}/{digest}.age"
        return {**files, name: flipped(-20)(files[name])}

    story.files = edited


_LATEST = ("--snapshot", "latest")


def _of_the_first_epoch(ending: str, edit: Callable[[bytes], bytes | None]) -> Edit[Files]:
    """Edits the first delta's bundle or segment list, or leaves it out; a later epoch leans on neither."""

    def edited(files: Files) -> Files:
        payload = json.loads(base64.b64decode(json.loads(files["log/entries/00000002.dsse.json"])["payload"]))
        digest = payload["bundles"][0]["sha256"]
        name = f"bundles/sha256/{digest[:2]}/{digest}{ending}"
        return {**{one: content for one, content in files.items() if one != name}, **_named(name, edit(files[name]))}

    return edited


def _named(name: str, content: bytes | None) -> Files:
    return {} if content is None else {name: content}


@VECTORS.fails("C08", "C08", "DigestError", start=sound_story, arguments=_LATEST)
def bundle_that_was_not_asked_for_missing(story: Story) -> None:
    """One snapshot is asked for, and the bundle of another is missing: no byte of it is read, and it must be there."""
    story.files = _of_the_first_epoch(".age", lambda content: None)


@VECTORS.fails("C08", "C08", "DigestError", start=sound_story, arguments=_LATEST)
def bundle_that_was_not_asked_for_cut_short(story: Story) -> None:
    """One snapshot is asked for, and the bundle of another lacks its last byte."""
    story.files = _of_the_first_epoch(".age", lambda content: content[:-1])


@VECTORS.fails("F-SEG-1", "C09", "DigestError", start=sound_story, arguments=_LATEST)
def segment_list_that_was_not_asked_for_missing(story: Story) -> None:
    """One snapshot is asked for, and the segment list of another is missing."""
    story.files = _of_the_first_epoch(".seg", lambda content: None)


@VECTORS.fails("F-SEG-1", "C09", "DigestError", start=sound_story, arguments=_LATEST)
def segment_list_that_was_not_asked_for_longer(story: Story) -> None:
    """One snapshot is asked for, and the segment list of another has one hash too many."""
    story.files = _of_the_first_epoch(".seg", lambda content: content + bytes(32))


@VECTORS.passes("C08", start=_expired_story, arguments=_LATEST)
def bundles_that_were_not_asked_for_expired(story: Story) -> None:
    """One snapshot is asked for, and the bundles of the first epoch are gone after their retention has passed."""


@VECTORS.fails("C08", "C08", "DigestError", level=0)
def bundle_of_another_sha512(story: Story) -> None:
    """The manifest gives another SHA-512 than the bundle has."""
    story.snapshots[0].manifest = lambda payload, past: member("bundles.0.sha512", "00" * 64)(payload)


@VECTORS.fails("C08", "C08", "DigestError", level=0)
def bundle_of_another_size(story: Story) -> None:
    """The manifest gives one byte more than the bundle has."""
    story.snapshots[0].manifest = lambda payload, past: member(
        "bundles.0.bytes", payload["bundles"][0]["bytes"] + 1)(payload)  # fmt: skip


@VECTORS.passes("F-NAME-1", level=0)
def orphan_bundle(story: Story) -> None:
    """A bundle that no manifest names is harmless, whole or not."""
    story.files = lambda files: {**files, f"bundles/sha256/ab/ab{'0' * 62}.age": b"age-encryption.org/v1\n"}


@VECTORS.passes("F-NAME-1", level=0)
def files_of_nobody(story: Story) -> None:
    """Files that are no part of the archive are reported and prove nothing."""
    story.files = lambda files: {
        **files, "READ ME.txt": b"hello", "log/entries/notes": b"", "root/1.root.json.bak": b"",
        "keys/old": b"",         "log/checkpoints/latest": b"", "bundles/sha256/ab/.tmp": b"",
    }  # fmt: skip


@VECTORS.fails("F-SEG-1", "C09", "DigestError", level=0)
def segment_list_with_a_flipped_bit(story: Story) -> None:
    """One bit of a segment list is flipped."""
    story.files = _bundle(".seg", flipped(5))


@VECTORS.fails("F-SEG-1", "C09", "DigestError", level=0)
def segment_list_missing(story: Story) -> None:
    """A segment list is missing."""
    story.files = without(lambda name: name.endswith(".seg"))


@VECTORS.fails("F-SEG-1", "C09", "DigestError", level=0)
def segment_list_emptied(story: Story) -> None:
    """A segment list has no bytes."""
    story.files = _bundle(".seg", always(b""))


@VECTORS.fails("F-SEG-1", "C09", "DigestError", level=0)
def segment_list_with_a_hash_more(story: Story) -> None:
    """A segment list has one hash too many."""
    story.files = _bundle(".seg", lambda hashes: hashes + bytes(32))


@VECTORS.fails("F-SEG-1", "C09", "DigestError", level=0)
def segment_list_cut_short(story: Story) -> None:
    """A segment list lacks its last byte."""
    story.files = _bundle(".seg", lambda hashes: hashes[:-1])


@VECTORS.fails("F-SEG-1", "C09", "DigestError", start=large_story, level=0)
def segments_in_another_order(story: Story) -> None:
    """Two hashes of a segment list have changed places."""
    story.files = _bundle(".seg", lambda hashes: hashes[32:64] + hashes[:32] + hashes[64:])


@VECTORS.fails("F-SEG-1", "C09", "DigestError", level=0)
def segments_of_another_root(story: Story) -> None:
    """The manifest gives another root over the segments."""
    story.snapshots[0].manifest = lambda payload, past: member("bundles.0.segments_root", "00" * 32)(payload)


@VECTORS.fails("F-SEG-1", "C09", "DigestError", level=0)
def segments_of_another_number(story: Story) -> None:
    """The manifest gives one segment more than the bundle's size makes."""
    story.snapshots[0].manifest = lambda payload, past: member("bundles.0.leaves", 2)(payload)


@VECTORS.fails("F-SEG-1", "C09", "DigestError", level=0)
def segments_hashed_without_the_leaf_byte(story: Story) -> None:
    """The list holds plain SHA-256 of the segments, and the manifest their root."""
    story.snapshots[0].segments = always([seed_of("a plain hash")])
    story.snapshots[0].manifest = lambda payload, past: member(
        "bundles.0.segments_root", seed_of("a plain hash").hex())(payload)  # fmt: skip


@VECTORS.passes("F-SEG-1", start=large_story)
def bundle_of_several_segments(story: Story) -> None:
    """A bundle of several segments and age chunks."""
