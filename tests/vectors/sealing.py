"""F-AGE: the ciphertext of a bundle, with digests and signatures that are right about the wrong file."""

from __future__ import annotations

import os

from tests.vectors.files import large_story
from tests.vectors.vector import VectorFile
from tests.verify.kit.age_file import CHUNK, Stanza
from tests.verify.kit.crew import CLASSIC, POST_QUANTUM, STRANGER, short_story, sound_story
from tests.verify.kit.edit import always, flipped, swapped
from tests.verify.kit.story import CanaryOpened, Story

VECTORS = VectorFile()


def _flipped_bundle(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: flipped(-20)(content) if name.startswith("bundles/") and name.endswith(".age") else content
            for name, content in files.items()}  # fmt: skip


def _both_kinds() -> Story:
    """A root that names a classical and a post-quantum recipient, both proved."""
    story = short_story()
    story.roots[0].recipients = [CLASSIC, POST_QUANTUM]
    story.events.insert(0, CanaryOpened(POST_QUANTUM, day=1))
    return story


@VECTORS.fails("F-AGE-1", "C21", "MalformedError", start=_both_kinds)
def header_that_mixes_kinds(story: Story) -> None:
    """A bundle is sealed to a classical and to a post-quantum recipient, which gives the latter away."""
    story.snapshots[0].recipients = [CLASSIC, POST_QUANTUM]


@VECTORS.fails("F-AGE-1", "C21", "MalformedError")
def header_with_an_unknown_stanza(story: Story) -> None:
    """A header holds a stanza of a type that the format does not know, in place of a recipient."""
    story.roots[0].recipients = [CLASSIC, STRANGER]
    story.events.insert(0, CanaryOpened(STRANGER, day=1))
    story.snapshots[0].recipients = [CLASSIC, STRANGER]
    story.snapshots[0].age.stanzas = lambda stanzas: [
        stanzas[0],
        Stanza(("ssh-ed25519", "AAAA", "AAAA"), bytes(32)),
    ]


@VECTORS.fails("F-AGE-1", "C21", "MalformedError")
def header_with_scrypt(story: Story) -> None:
    """A header holds a passphrase stanza and nothing else."""
    story.snapshots[0].age.stanzas = always([Stanza(("scrypt", "AAAAAAAAAAAAAAAAAAAAAA", "10"), bytes(32))])


@VECTORS.fails("F-AGE-2", "C21", "MalformedError")
def stanza_that_no_manifest_names(story: Story) -> None:
    """A bundle is sealed to one recipient more than its manifest says."""
    story.snapshots[0].age.recipients = lambda recipients: [*recipients, STRANGER]


@VECTORS.fails("F-AGE-2", "C21", "MalformedError", start=_both_kinds)
def stanza_missing(story: Story) -> None:
    """A bundle is sealed to one recipient less than its manifest says."""
    story.snapshots[0].recipients = [CLASSIC, POST_QUANTUM]
    story.snapshots[0].age.recipients = always([CLASSIC])


@VECTORS.passes("F-AGE-2")
def two_recipients_of_one_kind(story: Story) -> None:
    """A bundle is sealed to two classical recipients; each of them opens it."""
    story.roots[0].recipients = [CLASSIC, STRANGER]
    story.events.insert(0, CanaryOpened(STRANGER, day=1))
    story.snapshots[0].recipients = [CLASSIC, STRANGER]


@VECTORS.fails("F-AGE-4", "C21", "DigestError")
def header_with_a_false_mac(story: Story) -> None:
    """The header's MAC is wrong."""
    story.snapshots[0].age.mac = flipped(0)


@VECTORS.fails("F-AGE-4", "C21", "MalformedError")
def header_of_age_v2(story: Story) -> None:
    """The version line speaks of v2."""
    story.snapshots[0].age.header = swapped(b"/v1\n", b"/v2\n")


@VECTORS.fails("F-AGE-4", "C21", "MalformedError")
def bytes_before_the_header(story: Story) -> None:
    """A bundle begins with an empty line."""
    story.snapshots[0].bundle_file = lambda file: b"\n" + file


@VECTORS.fails("F-AGE-4", "C21", "MalformedError")
def file_that_ends_in_its_header(story: Story) -> None:
    """A bundle ends within its header."""
    story.snapshots[0].bundle_file = lambda file: file[:60]


@VECTORS.fails("F-AGE-4", "C21", "MalformedError")
def file_that_ends_in_its_nonce(story: Story) -> None:
    """A bundle ends within the nonce of its payload."""
    story.snapshots[0].bundle_file = lambda file: file[: file.index(b"\n--- ") + 5 + 43 + 1 + 8]


@VECTORS.fails("F-AGE-4", "C22", "DigestError")
def chunk_with_a_flipped_bit(story: Story) -> None:
    """One bit of the only chunk is flipped."""
    story.snapshots[0].bundle_file = flipped(-20)


@VECTORS.fails("F-AGE-4", "C22", "DigestError", start=large_story)
def chunks_in_another_order(story: Story) -> None:
    """Two chunks have changed places after they were encrypted."""
    story.snapshots[0].age.sealed_chunks = lambda chunks: [chunks[1], chunks[0], *chunks[2:]]


@VECTORS.fails("F-AGE-4", "C22", "DigestError", start=large_story)
def last_chunk_left_out(story: Story) -> None:
    """The final chunk is left out, so that the payload ends at a chunk's border."""
    story.snapshots[0].age.sealed_chunks = lambda chunks: chunks[:-1]


@VECTORS.fails("F-AGE-4", "C22", "DigestError", start=large_story)
def first_chunk_left_out(story: Story) -> None:
    """The first chunk is left out."""
    story.snapshots[0].age.sealed_chunks = lambda chunks: chunks[1:]


@VECTORS.fails("F-AGE-4", "C22", "DigestError", start=large_story)
def chunk_repeated(story: Story) -> None:
    """A chunk stands twice."""
    story.snapshots[0].age.sealed_chunks = lambda chunks: [chunks[0], *chunks]


@VECTORS.fails("F-AGE-4", "C22", "MalformedError")
def empty_chunk_at_the_end(story: Story) -> None:
    """A full chunk is followed by an empty final one."""
    story.snapshots[0].age.chunks = lambda chunks: [*chunks, b""]
    story.snapshots[0].bundle.plaintext = lambda text: text + bytes(CHUNK - len(text))


@VECTORS.fails("F-AGE-4", "C22", "MalformedError")
def payload_without_chunks(story: Story) -> None:
    """A payload has a nonce and no chunk."""
    story.snapshots[0].age.sealed_chunks = always([])


@VECTORS.fails("F-AGE-4", "C22", "DigestError", start=large_story)
def payload_of_another_file_key(story: Story) -> None:
    """Behind a right header lies a payload that another file key encrypts."""

    def spliced(file: bytes) -> bytes:
        end = file.index(b"\n--- ") + 5 + 43 + 1
        return file[:end] + os.urandom(len(file) - end)

    story.snapshots[0].bundle_file = spliced


STRANGERS = ("--identity", "{folder}/stranger.txt")


@VECTORS.incomplete("C21", "C21", error="WrongIdentityError", arguments=STRANGERS)
def identity_of_a_stranger(story: Story) -> None:
    """The identity given opens nothing in this archive, of which nothing follows for the archive."""


@VECTORS.incomplete(
    "C21", "C21", error="WrongIdentityError", start=sound_story, arguments=("--identity", "{folder}/identity-0.txt")
)
def identity_of_an_earlier_period(story: Story) -> None:
    """The identity given is that of the key period before; all snapshots are asked for."""


@VECTORS.incomplete("C21", "C21", error="WrongIdentityError", arguments=(*STRANGERS, "--snapshot", "latest"))
def snapshot_asked_for_with_a_stranger_s_identity(story: Story) -> None:
    """One snapshot is asked for by name, and it is not sealed to the identity given."""


@VECTORS.fails("C08", "C08", "DigestError", arguments=STRANGERS)
def damage_seen_with_a_stranger_s_identity(story: Story) -> None:
    """One bit of a bundle's payload is flipped, and the identity given would not open it: damage is damage."""
    story.files = _flipped_bundle


@VECTORS.fails("F-AGE-2", "C21", "MalformedError", arguments=STRANGERS)
def stanza_too_many_seen_with_a_stranger_s_identity(story: Story) -> None:
    """A bundle is sealed to one recipient more than its manifest says; to count stanzas takes no key."""
    story.snapshots[0].age.recipients = lambda recipients: [*recipients, STRANGER]


@VECTORS.fails("F-AGE-3", "C21", "MalformedError")
def bundle_sealed_to_somebody_else(story: Story) -> None:
    """A bundle is sealed to a stranger, and the manifest names the vault's recipient."""
    story.snapshots[0].age.recipients = always([STRANGER])


@VECTORS.fails("F-AGE-3", "C21", "MalformedError")
def stanza_that_does_not_open(story: Story) -> None:
    """The one stanza is of the right form, and its wrapped key is random."""
    story.snapshots[0].age.stanzas = lambda stanzas: [Stanza(stanzas[0].arguments, os.urandom(32))]


@VECTORS.incomplete("F-AGE-3", "C21", error="WrongIdentityError", arguments=STRANGERS)
def bundle_sealed_to_the_stranger_whose_identity_is_given(story: Story) -> None:
    """The identity given would open the bundle, and the manifest does not name its recipient: it is not tried."""
    story.snapshots[0].age.recipients = always([STRANGER])


@VECTORS.passes("C21", start=lambda: short_story(post_quantum=True))
def post_quantum_bundle(story: Story) -> None:
    """A bundle is sealed to a post-quantum recipient."""


@VECTORS.passes("C21", start=sound_story, arguments=("--snapshot", "1", "--identity", "{folder}/identity-0.txt"))
def identity_of_the_period(story: Story) -> None:
    """The identity of a key period opens its snapshots, and needs no other."""


@VECTORS.fails("F-AGE-1", "C21", "MalformedError")
def stanza_with_a_third_argument(story: Story) -> None:
    """An X25519 stanza has one argument too many."""
    story.snapshots[0].age.stanzas = lambda stanzas: [
        Stanza((*stanza.arguments, "more"), stanza.body) for stanza in stanzas
    ]  # fmt: skip


@VECTORS.passes("F-MAN-5", start=sound_story)
def recipient_that_an_earlier_root_named(story: Story) -> None:
    """A root that no longer names the recipient of older bundles leaves them as they were."""
    story.roots[1].recipients = [POST_QUANTUM]
