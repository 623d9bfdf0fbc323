"""F-CAN and F-FWD: canaries and their proofs, and the copies beside a full."""

from __future__ import annotations

from tests.vectors.files import without
from tests.vectors.vector import VectorFile
from tests.verify.kit.crew import CLASSIC, POST_QUANTUM, STRANGER, sound_story
from tests.verify.kit.edit import Json, flipped, member
from tests.verify.kit.keys import base64_of
from tests.verify.kit.story import CanaryOpened, Story

VECTORS = VectorFile()


@VECTORS.fails("F-CAN-1", "C11", "DigestError", level=0)
def canary_with_other_content(story: Story) -> None:
    """What was opened is not what the trust root gives for the recipient."""
    story.events[0].statement.payload = member("opened", "strongroom canary\nsomething else\n")


@VECTORS.fails("F-CAN-1", "C11", "DigestError", start=sound_story, level=0)
def canary_of_another_recipient(story: Story) -> None:
    """The proof for one recipient holds the content of the other's canary."""
    opened: list[str] = []

    def remembered(payload: Json) -> Json:
        opened.append(payload["opened"])
        return payload

    story.events[0].statement.payload = remembered
    story.events[4].statement.payload = lambda payload: {**payload, "opened": opened[0]}


@VECTORS.fails("C11", "C11", "SignatureError", level=0)
def canary_of_a_recipient_that_no_root_names(story: Story) -> None:
    """A proof for a recipient that no trust root names: there is nothing that it could be compared with."""
    story.events[0].statement.payload = member("recipient", STRANGER.fingerprint)


@VECTORS.fails("C11", "C11", "SignatureError", level=0)
def canary_of_nobody_beside_the_right_one(story: Story) -> None:
    """Beside the proof of the recipient in use stands one for a recipient that no trust root names."""
    story.events.append(CanaryOpened(CLASSIC, day=2))
    story.events[-1].statement.payload = member("recipient", STRANGER.fingerprint)


@VECTORS.fails("C11", "C11", "SignatureError", level=0)
def canary_never_opened(story: Story) -> None:
    """Nobody proved that he can open what is sealed to the recipient in use."""
    del story.events[0]


@VECTORS.fails("C11", "C11", "SignatureError", start=sound_story, level=0)
def canary_opened_after_use(story: Story) -> None:
    """A recipient's canary is opened only after a snapshot was sealed to him."""
    story.events[4:6] = [story.events[5], story.events[4]]


@VECTORS.fails("F-CAN-2", "C11", "DigestError", level=0)
def canary_file_altered(story: Story) -> None:
    """One bit of a canary's file is flipped."""
    name = f"keys/{CLASSIC.fingerprint}.canary.age"
    story.snapshots[0].carried = lambda carried: {**carried, "canaries": []}
    story.files = lambda files: {**files, name: flipped(200)(files[name])}


@VECTORS.fails("F-CAN-2", "C11", "DigestError", level=0)
def canary_file_missing(story: Story) -> None:
    """The file of a canary is missing."""
    name = f"keys/{CLASSIC.fingerprint}.canary.age"
    story.snapshots[0].carried = lambda carried: {**carried, "canaries": []}
    story.files = lambda files: {one: content for one, content in files.items() if one != name}


@VECTORS.passes("F-CAN-1", start=sound_story, level=0)
def canary_opened_twice(story: Story) -> None:
    """A canary may be opened again at any time."""
    story.events.append(CanaryOpened(POST_QUANTUM, day=6))


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
    story.files = without(lambda name: name == "log/so-far/00000002")


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def carried_roots_missing(story: Story) -> None:
    """The copies of roots and canaries are missing beside a full."""
    story.files = without(lambda name: name.endswith(".roots.json"))


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


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def carried_with_no_root_at_all(story: Story) -> None:
    """The list of copied roots is empty."""
    story.snapshots[0].carried = member("roots", [])


@VECTORS.fails("F-FWD-1", "C12", "DigestError", start=sound_story, level=0)
def carried_without_the_first_root(story: Story) -> None:
    """Beside the second full lies root 2, and root 1, which it follows from, does not."""
    story.snapshots[2].carried = lambda carried: {**carried, "roots": carried["roots"][1:]}


@VECTORS.fails("F-FWD-1", "C12", "DigestError", start=sound_story, level=0)
def carried_roots_in_another_order(story: Story) -> None:
    """Beside the second full, root 2 stands before root 1."""
    story.snapshots[2].carried = lambda carried: {**carried, "roots": carried["roots"][::-1]}


@VECTORS.fails("F-FWD-1", "C12", "DigestError", start=sound_story, level=0)
def carried_without_the_canary_of_its_recipient(story: Story) -> None:
    """Beside the second full, the canary of the recipient that it is sealed to is left out, and another is there."""
    story.snapshots[2].carried = lambda carried: {
        **carried, "canaries": [one for one in carried["canaries"] if POST_QUANTUM.fingerprint not in one["name"]]
    }  # fmt: skip


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def carried_with_no_canary_at_all(story: Story) -> None:
    """The list of copied canaries is empty."""
    story.snapshots[0].carried = member("canaries", [])


@VECTORS.passes("F-FWD-1", start=sound_story, level=0)
def carried_without_what_came_later(story: Story) -> None:
    """Beside the first full stands what there was then: root 1, and the canary of its one recipient."""


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def carried_root_that_lies_nowhere(story: Story) -> None:
    """Beside root 1 stands a copy of root 2, which does not exist."""
    story.snapshots[0].carried = lambda carried: {
        **carried, "roots": [*carried["roots"], {"name": "root/2.root.json", "bytes": base64_of(b"{}")}]
    }  # fmt: skip


@VECTORS.fails("F-FWD-1", "C12", "MalformedError", level=0)
def carried_copy_of_a_file_of_nobody(story: Story) -> None:
    """A copy bears a name that no file of an archive has; the file lies there, and is the same."""

    def edited(carried: Json) -> Json:
        carried["canaries"].append({"name": "notes.txt", "bytes": base64_of(b"hello")})
        return carried

    story.snapshots[0].carried = edited
    story.files = lambda files: {**files, "notes.txt": b"hello"}


@VECTORS.fails("F-FWD-1", "C12", "MalformedError", level=0)
def carried_file_with_a_path_out_of_a_known_folder(story: Story) -> None:
    """A copy bears a name that begins like one of the archive's and leads out of it, to a file that lies there."""

    def edited(carried: Json) -> Json:
        carried["canaries"].append({"name": "READER/../notes.txt", "bytes": base64_of(b"hello")})
        return carried

    story.snapshots[0].carried = edited
    story.files = lambda files: {**files, "notes.txt": b"hello", "READER/x": b""}


@VECTORS.fails("F-FWD-1", "C12", "MalformedError", level=0)
def carried_file_with_a_path_out(story: Story) -> None:
    """A copy bears a name that leads out of the archive."""

    def edited(carried: Json) -> Json:
        carried["canaries"].append({"name": "../identity.txt", "bytes": base64_of(CLASSIC.text.encode())})
        return carried

    story.snapshots[0].carried = edited


@VECTORS.fails("F-FWD-1", "C12", "MalformedError", level=0)
def carried_of_another_type(story: Story) -> None:
    """The copies say that they are of another type."""
    story.snapshots[0].carried = member("type", "root")


@VECTORS.fails("F-FWD-1", "C12", "MalformedError", level=0)
def carried_of_another_version(story: Story) -> None:
    """The copies say that they are of version 2."""
    story.snapshots[0].carried = member("version", 2)


@VECTORS.fails("F-FWD-1", "C12", "DigestError", level=0)
def so_far_of_a_size_without_a_full(story: Story) -> None:
    """Leaf hashes lie there for a size that no full has, which may have expired, and are not those of the log."""
    copies = "log/so-far/{:08d}.roots.json"
    story.files = lambda files: {
        **files, "log/so-far/00000001": bytes(32), copies.format(1): files[copies.format(2)]
    }  # fmt: skip


@VECTORS.fails("F-FWD-1", "C12", "WrongArchiveError", level=0)
def carried_for_another_archive(story: Story) -> None:
    """The copies name another archive."""
    story.snapshots[0].carried = member("archive_id", "00" * 16)


@VECTORS.fails("F-FWD-2", "C12", "DigestError", level=0)
def carried_with_white_space_at_the_end(story: Story) -> None:
    """The copies are followed by a space and a line feed, which change nothing that they say."""
    story.snapshots[0].carried_file = lambda content: content + b" \n"


@VECTORS.fails("F-FWD-2", "C12", "DigestError", level=0)
def carried_with_members_in_another_order(story: Story) -> None:
    """The copies' members stand in another order."""
    story.snapshots[0].carried = lambda carried: dict(sorted(carried.items()))


@VECTORS.fails("F-FWD-2", "C12", "DigestError", level=0)
def carried_with_an_unknown_member(story: Story) -> None:
    """The copies have a member that the format does not know, in a file that nothing signs."""
    story.snapshots[0].carried = lambda carried: {**carried, "note": "x"}


@VECTORS.fails("F-FWD-2", "C12", "DigestError", start=sound_story, level=0)
def carried_with_canaries_in_another_order(story: Story) -> None:
    """The canaries stand in another order than that of their names."""
    for snapshot in story.snapshots:
        snapshot.carried = lambda carried: {**carried, "canaries": carried["canaries"][::-1]}
