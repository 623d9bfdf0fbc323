"""F-LOG: checkpoints, entries, prefixes; and the log's part in forks and rollbacks."""

from __future__ import annotations

from tests.vectors.vector import VectorFile
from tests.verify.kit.archive import forge_files
from tests.verify.kit.checkpoint import Head, signature_line_of
from tests.verify.kit.crew import short_story, sound_story, tenant_records, user
from tests.verify.kit.edit import Edit, fields, flipped
from tests.verify.kit.keys import log_pair
from tests.verify.kit.story import CanaryOpened, FailedRun, Story

VECTORS = VectorFile()
NEWEST = "log/checkpoints/00000002"


def _lines_without(place: int) -> Edit[list[str]]:
    return lambda lines: [line for at, line in enumerate(lines) if at != place]


def _dropped(*names: str) -> Edit[dict[str, bytes]]:
    def edited(files: dict[str, bytes]) -> dict[str, bytes]:
        assert set(names) <= set(files)
        return {name: content for name, content in files.items() if name not in names}

    return edited


@VECTORS.fails("F-LOG-1", "C02", "SignatureError", level=0)
def checkpoint_without_ed25519(story: Story) -> None:
    """The newest checkpoint has the ML-DSA-44 signature alone."""
    story.checkpoint(2).lines = _lines_without(0)


@VECTORS.fails("F-LOG-1", "C02", "SignatureError", level=0)
def checkpoint_without_ml_dsa_44(story: Story) -> None:
    """The newest checkpoint has the Ed25519 signature alone."""
    story.checkpoint(2).lines = _lines_without(1)


@VECTORS.fails("F-LOG-1", "C02", "SignatureError", level=0)
def checkpoint_by_another_log(story: Story) -> None:
    """The newest checkpoint is signed by keys that the root does not name."""
    story.checkpoint(2).log = lambda log: log_pair("another log")


@VECTORS.fails("F-LOG-1", "C02", "SignatureError", level=0)
def checkpoint_with_a_false_ed25519(story: Story) -> None:
    """The root hash is changed in the text; the ML-DSA-44 signature is made anew, the Ed25519 one is not."""

    def edited(lines: list[str]) -> list[str]:
        head = Head(story.origin, 2, bytes(32), 1_767_236_400, story.origin)
        log = story.log
        message = head.timestamp.to_bytes(8, "big") + log.ml_dsa_44.sign(head.cosigned_message())
        return [lines[0], signature_line_of(head.name, 6, log.ml_dsa_44_public, message)]

    story.checkpoint(2).lines = edited
    story.checkpoint(2).text = lambda text: Head(story.origin, 2, bytes(32), 0).text()


@VECTORS.fails("F-LOG-1", "C02", "SignatureError", level=0)
def checkpoint_with_a_false_ml_dsa_44(story: Story) -> None:
    """The ML-DSA-44 signature covers another root hash than the note."""

    def edited(lines: list[str]) -> list[str]:
        head = Head(story.origin, 2, bytes(32), 1_767_236_400, story.origin)
        log = story.log
        message = head.timestamp.to_bytes(8, "big") + log.ml_dsa_44.sign(head.cosigned_message())
        return [lines[0], signature_line_of(head.name, 6, log.ml_dsa_44_public, message)]

    story.checkpoint(2).lines = edited


@VECTORS.fails("F-LOG-1", "C02", "SignatureError", level=0)
def checkpoint_with_timestamp_zero(story: Story) -> None:
    """The ML-DSA-44 signature's timestamp is 0, which makes no statement about the tree being the newest."""
    story.checkpoint(2).head = fields(timestamp=0)


@VECTORS.fails("F-LOG-1", "C02", "SignatureError", level=0)
def checkpoint_with_another_timestamp(story: Story) -> None:
    """The timestamp beside the ML-DSA-44 signature is not the one that was signed."""

    def edited(lines: list[str]) -> list[str]:
        head = Head(story.origin, 2, bytes(32), 1_767_236_400, story.origin)
        signed = story.log.ml_dsa_44.sign(head.cosigned_message())
        false = (head.timestamp + 1).to_bytes(8, "big") + signed
        return [lines[0], signature_line_of(story.origin, 6, story.log.ml_dsa_44_public, false)]

    story.checkpoint(2).lines = edited


@VECTORS.fails("F-LOG-1", "C02", "SignatureError", level=0)
def checkpoint_with_a_signature_twice(story: Story) -> None:
    """The newest checkpoint has the Ed25519 signature twice: which of two counts must be no question."""
    story.checkpoint(2).lines = lambda lines: [lines[0], *lines]


@VECTORS.fails("F-LOG-1", "C02", "SignatureError", level=0)
def checkpoint_signed_under_another_name(story: Story) -> None:
    """The Ed25519 signature bears the log's key id, and another name than the log's."""
    story.checkpoint(2).lines = lambda lines: [lines[0].replace(story.origin, "log.example.com"), lines[1]]


@VECTORS.fails("F-LOG-1", "C02", "SignatureError", level=0)
def checkpoint_with_a_timestamp_of_64_bits(story: Story) -> None:
    """The ML-DSA-44 signature's timestamp is 2^63, which C2SP does not allow."""
    story.checkpoint(2).head = fields(timestamp=1 << 63)


@VECTORS.fails("F-LOG-1", "C02", "MalformedError", level=0)
def checkpoint_of_no_calendar(story: Story) -> None:
    """The ML-DSA-44 signature's timestamp lies beyond the year 9999."""
    story.checkpoint(2).head = fields(timestamp=1 << 62)


@VECTORS.fails("F-LIM-1", "C02", "MalformedError", level=0)
def checkpoint_with_seventeen_signatures(story: Story) -> None:
    """The newest checkpoint has 15 lines of unknown keys besides its own two."""
    unknown = signature_line_of("witness.example.com/w1", 4, bytes(32), bytes(72))
    story.checkpoint(2).lines = lambda lines: [*lines, *[unknown] * 15]


@VECTORS.passes("F-LIM-1", level=0)
def checkpoint_with_sixteen_signatures(story: Story) -> None:
    """The newest checkpoint has 14 lines of unknown keys besides its own two."""
    unknown = signature_line_of("witness.example.com/w1", 4, bytes(32), bytes(72))
    story.checkpoint(2).lines = lambda lines: [*lines, *[unknown] * 14]


@VECTORS.passes("F-LOG-1", level=0)
def checkpoint_with_a_witness(story: Story) -> None:
    """Signature lines by unknown names and unknown key ids are ignored."""
    story.checkpoint(2).lines = lambda lines: [
        signature_line_of("witness.example.com/w1", 4, bytes(32), bytes(72)),
        *lines,
        signature_line_of(story.origin, 6, bytes(1312), bytes(2428)),
    ]


@VECTORS.fails("F-LOG-2", "C02", "WrongArchiveError", level=0)
def checkpoint_of_another_origin(story: Story) -> None:
    """The newest checkpoint bears the origin of another archive, under this log's keys."""
    story.checkpoint(2).head = fields(origin="strongroom.invalid/" + "00" * 16, name=story.origin)


@VECTORS.fails("F-LOG-2", "C02", "MalformedError", level=0)
def checkpoint_under_another_size(story: Story) -> None:
    """The checkpoint of size 2 lies under the name of size 3."""
    story.files = lambda files: _renamed(files, NEWEST, "log/checkpoints/00000003")


@VECTORS.fails("F-LOG-2", "C02", "MalformedError", level=0)
def checkpoint_with_a_leading_zero(story: Story) -> None:
    """The size is written 02, and signed so."""
    story.checkpoint(2).head = fields(spelling="02")


@VECTORS.fails("F-LOG-3", "C03", "LogError", level=0)
def entry_missing(story: Story) -> None:
    """An entry below the newest checkpoint's size is missing."""
    story.files = _dropped("log/entries/00000000.dsse.json")


@VECTORS.fails("F-LOG-3", "C03", "LogError", level=0)
def last_entry_missing(story: Story) -> None:
    """The last entry that the newest checkpoint commits to is missing."""
    story.files = _dropped("log/entries/00000001.dsse.json")


@VECTORS.fails("F-LOG-3", "C03", "LogError", level=0)
def entries_that_were_never_there(story: Story) -> None:
    """The newest checkpoint, properly signed, commits to 16,777,216 entries, of which two lie there."""
    story.checkpoint(2).head = fields(size=16_777_216)
    story.files = lambda files: _renamed(files, NEWEST, "log/checkpoints/16777216")


@VECTORS.fails("F-LOG-3", "C03", "LogError", level=0)
def entry_replaced(story: Story) -> None:
    """An entry is replaced by one that was signed for the same purpose at another time."""
    other = forge_files(short_story()).files["log/entries/00000001.dsse.json"]
    story.files = lambda files: {**files, "log/entries/00000001.dsse.json": other}


@VECTORS.fails("F-LOG-3", "C03", "LogError", start=sound_story, level=0)
def newest_entry_replaced(story: Story) -> None:
    """The newest entry, beside which no leaf hashes lie yet, is replaced by another that the sealer signed for it."""
    name = "log/entries/00000006.dsse.json"
    other = forge_files(sound_story()).files[name]
    story.files = lambda files: {**files, name: other}


@VECTORS.fails("F-LOG-3", "C03", "LogError", start=sound_story, level=0)
def entries_swapped(story: Story) -> None:
    """Two entries have changed places."""
    first, second = "log/entries/00000002.dsse.json", "log/entries/00000003.dsse.json"
    story.files = lambda files: {**files, first: files[second], second: files[first]}


@VECTORS.fails("F-LOG-3", "C03", "LogError", level=0)
def entry_with_a_flipped_bit(story: Story) -> None:
    """One bit of an entry is flipped."""
    name = "log/entries/00000000.dsse.json"
    story.files = lambda files: {**files, name: flipped(100)(files[name])}


@VECTORS.fails("F-LOG-3", "C03", "LogError", level=0)
def checkpoint_of_another_root(story: Story) -> None:
    """The newest checkpoint, properly signed, commits to another root hash."""
    story.checkpoint(2).head = fields(root=bytes(32))


@VECTORS.passes("F-LOG-3", level=0)
def entry_beyond_the_newest_checkpoint(story: Story) -> None:
    """An entry without a checkpoint is not yet part of the archive, whatever is in it."""
    story.files = lambda files: {
        **files,
        "log/entries/00000002.dsse.json": b"written by a run that was cut off",
    }


@VECTORS.fails("F-LOG-4", "C04", "LogError", start=sound_story, level=0)
def older_checkpoint_of_another_history(story: Story) -> None:
    """An older checkpoint, properly signed, commits to other entries: the log was forked."""
    story.checkpoint(3).head = fields(root=bytes(32))


@VECTORS.fails("F-LOG-4", "C04", "LogError", start=sound_story, level=0)
def older_checkpoint_of_a_real_fork(story: Story) -> None:
    """An older checkpoint comes from another history under the same keys."""
    fork = sound_story()
    fork.snapshots[1].live = sorted([*tenant_records(), user(200)])
    other = forge_files(fork).files["log/checkpoints/00000003"]
    story.files = lambda files: {**files, "log/checkpoints/00000003": other}


@VECTORS.fails("F-LOG-4", "C04", "SignatureError", start=sound_story, level=0)
def older_checkpoint_without_a_half(story: Story) -> None:
    """An older checkpoint has one signature only."""
    story.checkpoint(3).lines = _lines_without(1)


@VECTORS.passes("F-LOG-4", start=sound_story, level=0)
def older_checkpoints_gone(story: Story) -> None:
    """Older checkpoints may be absent; what is present is checked."""
    story.files = _dropped(*(f"log/checkpoints/{size:08d}" for size in range(1, 7)))


@VECTORS.fails("F-LOG-5", "C02", "MalformedError", level=0)
def checkpoint_with_an_extension_line(story: Story) -> None:
    """The newest checkpoint carries an extension line, signed."""
    story.checkpoint(2).head = fields(extension="later: something\n")


@VECTORS.fails("F-LOG-5", "C02", "MalformedError", level=0)
def checkpoint_with_an_empty_line(story: Story) -> None:
    """The newest checkpoint's text has a fourth, empty line."""
    story.checkpoint(2).head = fields(extension="\n")


@VECTORS.fails("F-LOG-5", "C04", "MalformedError", start=sound_story, level=0)
def older_checkpoint_with_an_extension_line(story: Story) -> None:
    """An older checkpoint carries an extension line, signed."""
    story.checkpoint(3).head = fields(extension="later: something\n")


@VECTORS.fails("F-LOG-2", "C02", "LogError", level=0)
def checkpoints_all_missing(story: Story) -> None:
    """No checkpoint lies in the archive: nothing is committed to."""
    story.files = _dropped("log/checkpoints/00000001", NEWEST)


@VECTORS.passes("F-LOG-3", level=0)
def runs_that_failed(story: Story) -> None:
    """A log that ends with failed runs is sound; its newest snapshot is older."""
    story.events += [FailedRun(day=2), FailedRun(day=3), CanaryOpened(story.identities[0], day=4)]


def _renamed(files: dict[str, bytes], old: str, new: str) -> dict[str, bytes]:
    return {new if name == old else name: content for name, content in files.items()}
