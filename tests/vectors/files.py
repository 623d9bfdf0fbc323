"""F-NAME, F-SEG and F-FWD: files in their places, segment lists, and the copies beside a full."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from tests.vectors.vector import VectorFile
from tests.verify.kit.archive import forge_files
from tests.verify.kit.crew import CLASSIC, short_story, sound_story, tenant_records
from tests.verify.kit.edit import Edit, Json, always, flipped, member
from tests.verify.kit.keys import base64_of, seed_of
from tests.verify.kit.record import stream_of
from tests.verify.kit.story import Story

VECTORS = VectorFile()
Files = dict[str, bytes]


def _bundle(ending: str, edit: Edit[bytes]) -> Edit[Files]:
    """Edits the one file of a short story's bundle that ends so."""
    return lambda files: {name: edit(text) if name.endswith(ending) and "sha256" in name else text
                          for name, text in files.items()}  # fmt: skip


def _without(matches: Callable[[str], bool]) -> Edit[Files]:
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
    story.files = _without(lambda name: name.startswith("bundles/") and name.endswith(".age"))


@VECTORS.passes("C08", start=sound_story)
def bundles_expired(story: Story) -> None:
    """The bundles of the first epoch are gone after their retention has passed: expired, and no gap."""
    for snapshot in story.snapshots[:2]:
        snapshot.manifest = lambda payload, past: {**payload, "retain_until": "2026-02-01T00:00:00Z"}

    def edited(files: Files) -> Files:
        gone = [f"log/entries/{place:08d}.dsse.json" for place in (1, 2)]
        payloads = [json.loads(base64.b64decode(json.loads(files[name])["payload"])) for name in gone]
        digests = {payload["bundles"][0]["sha256"] for payload in payloads}
        return {name: content for name, content in files.items() if name.rpartition("/")[2][:64] not in digests}

    story.files = edited


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
    story.files = _without(lambda name: name.endswith(".seg"))


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


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def so_far_with_another_leaf(story: Story) -> None:
    """The log so far holds a leaf hash that the log does not have."""
    story.snapshots[0].so_far = lambda leaves: [*leaves[:-1], bytes(32)]


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def so_far_cut_short(story: Story) -> None:
    """The log so far lacks its last leaf."""
    story.snapshots[0].so_far = lambda leaves: leaves[:-1]


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def so_far_with_a_leaf_more(story: Story) -> None:
    """The log so far has a leaf too many."""
    story.snapshots[0].so_far = lambda leaves: [*leaves, bytes(32)]


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def so_far_missing(story: Story) -> None:
    """The log so far is missing beside a full."""
    story.files = _without(lambda name: name == "log/so-far/00000002")


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def carried_roots_missing(story: Story) -> None:
    """The copies of roots and canaries are missing beside a full."""
    story.files = _without(lambda name: name.endswith(".roots.json"))


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def carried_root_altered(story: Story) -> None:
    """The copy of a root differs from the root in one byte."""
    story.snapshots[0].carried = lambda carried: member("roots.0.bytes", base64_of(b"{}"))(carried)


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def carried_canary_altered(story: Story) -> None:
    """The copy of a canary differs from the canary."""
    story.snapshots[0].carried = lambda carried: member("canaries.0.bytes", base64_of(b"age"))(carried)


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def carried_root_under_another_name(story: Story) -> None:
    """The copy of root 1 is called root 2, which does not exist."""
    story.snapshots[0].carried = lambda carried: member("roots.0.name", "root/2.root.json")(carried)


@VECTORS.fails("F-FWD-1", "C12", "MalformedError", level=0)
def carried_file_with_a_path_out(story: Story) -> None:
    """A copy bears a name that leads out of the archive."""

    def edited(carried: Json) -> Json:
        carried["canaries"].append({"name": "../identity.txt", "bytes": base64_of(CLASSIC.text.encode())})
        return carried

    story.snapshots[0].carried = edited


@VECTORS.fails("F-FWD-1", "C12", "WrongArchiveError", level=0)
def carried_for_another_archive(story: Story) -> None:
    """The copies name another archive."""
    story.snapshots[0].carried = member("archive_id", "00" * 16)
