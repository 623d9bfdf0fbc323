"""What an adversary tries: older, forked, replayed, spliced and foreign archives; and freshness."""

from __future__ import annotations

from tests.vectors.vector import VectorFile
from tests.verify.kit.archive import forge_files
from tests.verify.kit.crew import (
    CLASSIC,
    IMPOSTOR,
    ROOT_A,
    ROOT_B,
    short_story,
    sound_story,
    tenant_records,
    user,
)
from tests.verify.kit.edit import Edit, member
from tests.verify.kit.sealing import segment_hashes_of
from tests.verify.kit.story import FailedRun, RootStep, Snapshot, Story

VECTORS = VectorFile()
Files = dict[str, bytes]


@VECTORS.passes("C21", start=sound_story)
def sound_archive(story: Story) -> None:
    """Two epochs, two kinds of recipient, two roots and all kinds of statement: nothing is wrong."""


@VECTORS.passes("C08", start=sound_story, level=0)
def sound_archive_without_keys(story: Story) -> None:
    """The sound archive of two epochs at level 0, where no identity is needed."""


@VECTORS.passes("C21")
def least_archive(story: Story) -> None:
    """One root, one canary, one full."""


@VECTORS.fails("F-MAN-1", "C06", "LogError", start=sound_story, level=0)
def manifest_replayed(story: Story) -> None:
    """Yesterday's statement, sequence and all, is put into the log once more."""

    def replayed(entries: list[bytes]) -> list[bytes]:
        return [*entries[:6], entries[5]]

    story.entries = replayed


@VECTORS.fails("F-MAN-1", "C06", "LogError", start=sound_story, level=0)
def manifest_left_out(story: Story) -> None:
    """A manifest is left out of the log before it is signed: its successor leans on what is not there."""
    story.entries = lambda entries: [*entries[:2], *entries[3:]]
    for snapshot in story.snapshots[2:]:
        snapshot.so_far = lambda leaves: leaves


@VECTORS.fails("F-BUN-6", "C22", "MalformedError", start=sound_story)
def bundle_spliced_in(story: Story) -> None:
    """A later manifest, properly signed, names an earlier snapshot's bundle as its own."""
    story.snapshots[3].manifest = lambda payload, past: {**payload, "bundles": past[2].payload["bundles"]}


@VECTORS.fails("F-BUN-6", "C22", "WrongArchiveError")
def bundle_of_another_tenant_signed(story: Story) -> None:
    """A manifest, properly signed, names a bundle that another archive sealed for the same recipient."""
    other = short_story()
    other.label = "another crew"
    foreign = forge_files(other).sealed[0]
    story.snapshots[0].manifest = lambda payload, past: {**payload, "bundles": foreign.payload["bundles"]}
    digest = foreign.payload["bundles"][0]["sha256"]
    name = f"bundles/sha256/{digest[:2]}/{digest}"
    added = {f"{name}.age": foreign.bundle, f"{name}.seg": b"".join(segment_hashes_of(foreign.bundle))}
    story.files = lambda files: {**files, **added}


@VECTORS.fails("C01", "C01", "DigestError", level=0)
def archive_of_another_tenant(story: Story) -> None:
    """The whole archive is another one, with roots of its own; trust starts from ours."""
    other = short_story()
    other.label = "another crew"
    story.files = lambda files: forge_files(other).files


@VECTORS.fails("C01", "C01", "DigestError", level=0)
def archive_forged_whole(story: Story) -> None:
    """An adversary made a whole archive of the same id under keys of his own."""
    forged = short_story()
    forged.roots = [RootStep([CLASSIC], [IMPOSTOR, ROOT_B], [ROOT_A])]
    story.files = lambda files: forge_files(forged).files


@VECTORS.fails("F-LOG-4", "C04", "LogError", start=sound_story, level=0)
def history_forked(story: Story) -> None:
    """Entries and newest checkpoint come from another history under the same keys; an older one remains."""
    fork = sound_story()
    fork.snapshots[0].live = sorted([*tenant_records(), user(77)])
    theirs = forge_files(fork).files
    kept = (
        "root/",
        "keys/",
        "log/checkpoints/00000004",
        "log/so-far/00000002.roots",
        "log/so-far/00000006.roots",
    )
    story.files = lambda files: theirs | {name: files[name] for name in files if name.startswith(kept)}


@VECTORS.fails("F-LOG-3", "C03", "LogError", start=sound_story, level=0)
def entries_taken_away(story: Story) -> None:
    """The last two entries were deleted; their checkpoint remains."""
    gone = {"log/entries/00000005.dsse.json", "log/entries/00000006.dsse.json"}
    story.files = lambda files: {name: content for name, content in files.items() if name not in gone}


@VECTORS.passes("F-LOG-3", start=sound_story, level=0)
def archive_of_yesterday(story: Story) -> None:
    """A consistent older state is sound in itself; only somebody who remembers more can tell."""
    story.files = _rolled_back_to(4)


@VECTORS.fails("C13", "C13", "StaleError", start=sound_story, level=0, arguments=("--max-age", "24"))
def archive_too_old(story: Story) -> None:
    """The newest snapshot is older than was asked."""


@VECTORS.fails("C13", "C13", "StaleError", level=0, arguments=("--max-age", "24"))
def archive_of_the_future(story: Story) -> None:
    """The newest snapshot is of the year 2999: a thousand years of silence would count as fresh."""
    story.snapshots[0].manifest = lambda payload, past: {**payload, "taken_at": "2999-01-01T00:00:00Z"}


@VECTORS.passes("C13", start=sound_story, level=0, arguments=("--max-age", "900000"))
def archive_young_enough(story: Story) -> None:
    """The newest snapshot is no older than was asked."""


@VECTORS.fails("C13", "C13", "StaleError", level=0)
def archive_too_old_by_policy(story: Story) -> None:
    """The newest snapshot is older than the trust root's policy allows; the command line asks for nothing."""
    story.roots[0].policy = {"max_age_hours": 24}


@VECTORS.fails("C13", "C13", "StaleError", level=0, arguments=("--max-age", "900000"))
def archive_too_old_by_policy_whatever_is_asked(story: Story) -> None:
    """The policy allows a day and the command line a century: nothing on it takes away."""
    story.roots[0].policy = {"max_age_hours": 24}


@VECTORS.fails("C13", "C13", "StaleError", level=0, arguments=("--max-age", "24"))
def archive_too_old_as_asked_whatever_the_policy(story: Story) -> None:
    """The policy allows a century and the command line a day: it adds."""
    story.roots[0].policy = {"max_age_hours": 900_000}


@VECTORS.fails("C13", "C13", "StaleError", level=0)
def archive_without_snapshots(story: Story) -> None:
    """The policy asks for a snapshot of some age and the log holds failed runs alone."""
    story.roots[0].policy = {"max_age_hours": 1_000_000}
    story.events = [story.events[0], FailedRun(day=1)]


@VECTORS.incomplete("C14", "C14")
def witnesses_asked_for(story: Story) -> None:
    """The policy asks for a witness, and nothing here can tell."""
    story.roots[0].policy = {"witnesses": {"k": 1, "of": 1}}


@VECTORS.incomplete("C15", "C15")
def time_stamps_asked_for(story: Story) -> None:
    """The policy asks for a time stamp, and nothing here can tell."""
    story.roots[0].policy = {"timestamps": 1}


@VECTORS.incomplete("C16", "C16")
def lock_observations_asked_for(story: Story) -> None:
    """The policy asks for lock observations, and nothing here can tell."""
    story.roots[0].policy = {"lock_observations": True}


@VECTORS.fails("F-SIG-3", "C05", "SignatureError", level=0)
def sealer_revoked(story: Story) -> None:
    """The sealer's pair is revoked from entry 1 on, and signed entry 1."""
    sealer = story.roots[0].sealer_keys[0]
    story.roots[0].revocations = [{"key": sealer.id, "from_index": 1, "reason": "stolen"}]


@VECTORS.passes("F-SIG-3", level=0)
def sealer_revoked_later(story: Story) -> None:
    """The sealer's pair is revoked from entry 2 on, which does not exist yet."""
    sealer = story.roots[0].sealer_keys[0]
    story.roots[0].revocations = [{"key": sealer.id, "from_index": 2, "reason": "retired"}]


@VECTORS.fails("F-MAN-2", "C06", "LogError", level=0)
def archive_that_begins_with_a_delta(story: Story) -> None:
    """The first snapshot claims to be a delta of a full that never was."""
    lean = {"sequence": 1, "manifest_sha256": "00" * 32, "bundle_sha256": "00" * 32}
    story.snapshots[0].manifest = lambda payload, past: {
        **member("kind", "delta")(payload), "leans_on": lean}  # fmt: skip


@VECTORS.passes("F-MAN-1", start=sound_story)
def snapshots_without_their_history(story: Story) -> None:
    """Deltas of three days on one full."""
    last = story.snapshots[3]
    for day in (6, 7, 8):
        more = [*last.live, user(day + 10)]
        story.events.append(Snapshot(sorted(more), "delta", list(last.recipients), day=day, known_roots=2))


def _rolled_back_to(size: int) -> Edit[Files]:
    """Leaves what the archive held when its log had `size` entries."""

    def edited(files: Files) -> Files:
        def kept(name: str) -> bool:
            folder, _, last = name.rpartition("/")
            if folder == "log/entries":
                return int(last[:8]) < size
            return not folder.startswith("log/") or int(last[:8]) <= size

        return {name: content for name, content in files.items() if kept(name)}

    return edited
