"""F-SIG and F-ST: who signed a statement, with which halves, as what, and for which archive."""

from __future__ import annotations

import base64

from tests.vectors.vector import VectorFile
from tests.verify.kit.crew import IMPOSTOR, ROOT_A, ROOT_B, SEALER, short_story, sound_story
from tests.verify.kit.edit import Json, always, member
from tests.verify.kit.keys import base64_of
from tests.verify.kit.statement import pae_of, signatures_of
from tests.verify.kit.story import CanaryOpened, Story

VECTORS = VectorFile()
MANIFEST_TYPE = "application/vnd.strongroom.manifest+json"


def _two_sealers() -> Story:
    story = short_story()
    story.roots[0].sealer_keys = [SEALER, IMPOSTOR]
    story.roots[0].sealer_threshold = 2
    for event in story.events:
        event.statement.signers = always([SEALER, IMPOSTOR])
    return story


@VECTORS.fails("F-SIG-1", "C05", "SignatureError", level=0)
def pair_without_ed25519(story: Story) -> None:
    """A manifest lacks the Ed25519 half of its pair."""
    story.snapshots[0].statement.signatures = lambda halves: halves[1:]


@VECTORS.fails("F-SIG-1", "C05", "SignatureError", level=0)
def pair_without_ml_dsa_65(story: Story) -> None:
    """A manifest lacks the ML-DSA-65 half of its pair."""
    story.snapshots[0].statement.signatures = lambda halves: halves[:1]


@VECTORS.fails("F-SIG-1", "C05", "SignatureError", level=0)
def pair_with_a_false_ed25519(story: Story) -> None:
    """The Ed25519 half does not verify."""
    story.snapshots[0].statement.signatures = lambda halves: [_false(halves[0]), halves[1]]


@VECTORS.fails("F-SIG-1", "C05", "SignatureError", level=0)
def pair_with_a_false_ml_dsa_65(story: Story) -> None:
    """The ML-DSA-65 half does not verify."""
    story.snapshots[0].statement.signatures = lambda halves: [halves[0], _false(halves[1])]


@VECTORS.fails("F-SIG-1", "C05", "SignatureError", level=0)
def pair_with_a_short_signature(story: Story) -> None:
    """The ML-DSA-65 signature is cut to 64 bytes."""
    story.snapshots[0].statement.signatures = lambda halves: [
        halves[0],
        {**halves[1], "sig": base64_of(bytes(64))},
    ]


@VECTORS.fails("F-SIG-1", "C05", "SignatureError", level=0)
def ml_dsa_without_context(story: Story) -> None:
    """The ML-DSA-65 half is signed without the context string."""

    def edited(envelope: Json) -> Json:
        signed = _signed_bytes_of(envelope)
        envelope["signatures"][1]["sig"] = base64_of(SEALER.ml_dsa_65.sign(signed))
        return envelope

    story.snapshots[0].statement.envelope = edited


@VECTORS.fails("F-SIG-1", "C05", "SignatureError", level=0)
def payload_signed_without_pre_authentication(story: Story) -> None:
    """Both halves sign the payload itself and not its PAE."""

    def edited(envelope: Json) -> Json:
        content = _payload_bytes_of(envelope)
        envelope["signatures"][0]["sig"] = base64_of(SEALER.ed25519.sign(content))
        envelope["signatures"][1]["sig"] = base64_of(SEALER.ml_dsa_65.sign(content, MANIFEST_TYPE.encode()))
        return envelope

    story.snapshots[0].statement.envelope = edited


@VECTORS.fails("F-SIG-1", "C05", "SignatureError", level=0)
def halves_of_two_pairs(story: Story) -> None:
    """One half is the sealer's, the other an impostor's: no pair is whole."""

    def edited(envelope: Json) -> Json:
        theirs = signatures_of(IMPOSTOR, MANIFEST_TYPE, _payload_bytes_of(envelope))
        return {**envelope, "signatures": [envelope["signatures"][0], theirs[1]]}

    story.snapshots[0].statement.envelope = edited


@VECTORS.fails("F-SIG-1", "C05", "SignatureError", level=0)
def halves_that_claim_one_pair(story: Story) -> None:
    """An impostor's ML-DSA-65 signature bears the sealer's key id."""

    def edited(envelope: Json) -> Json:
        theirs = signatures_of(IMPOSTOR, MANIFEST_TYPE, _payload_bytes_of(envelope))
        envelope["signatures"][1]["sig"] = theirs[1]["sig"]
        return envelope

    story.snapshots[0].statement.envelope = edited


@VECTORS.fails("F-SIG-1", "C05", "SignatureError", level=0)
def statement_without_signatures(story: Story) -> None:
    """A manifest carries no signature at all."""
    story.snapshots[0].statement.signatures = always([])


@VECTORS.fails("F-SIG-1", "C05", "SignatureError", level=0)
def payload_changed_after_signing(story: Story) -> None:
    """A gap is edited out of a signed manifest."""

    def edited(envelope: Json) -> Json:
        content = _payload_bytes_of(envelope).replace(b'"simulated":true', b'"simulated":false')
        return {**envelope, "payload": base64_of(content)}

    story.snapshots[0].statement.envelope = edited


@VECTORS.passes("F-SIG-1", level=0)
def signature_by_an_unknown_key(story: Story) -> None:
    """A signature by a key that no root names is ignored, even though it does not verify."""
    unknown = {"keyid": f"{IMPOSTOR.id}:ed25519", "sig": base64_of(bytes(64))}
    story.snapshots[0].statement.signatures = lambda halves: [unknown, *halves]


@VECTORS.fails("F-SIG-2", "C01", "SignatureError", level=0)
def root_pair_counted_twice(story: Story) -> None:
    """A root with threshold 2 is signed twice by the same pair."""
    story.roots[0].signed_by = [ROOT_A, ROOT_A]


@VECTORS.fails("F-SIG-2", "C05", "SignatureError", start=_two_sealers, level=0)
def sealer_pair_counted_twice(story: Story) -> None:
    """Where two sealers must sign, one signs twice."""
    story.snapshots[0].statement.signers = always([SEALER, SEALER])


@VECTORS.fails("F-SIG-3", "C05", "SignatureError", level=0)
def manifest_by_an_impostor(story: Story) -> None:
    """A manifest is signed by a pair that no root names."""
    story.snapshots[0].statement.signers = always([IMPOSTOR])


@VECTORS.fails("F-SIG-3", "C05", "SignatureError", level=0)
def manifest_by_the_root_role(story: Story) -> None:
    """A manifest is signed by pairs of the root role, which may not seal."""
    story.snapshots[0].statement.signers = always([ROOT_A, ROOT_B])


@VECTORS.fails("F-SIG-3", "C01", "SignatureError", start=sound_story, level=0)
def root_by_the_sealer(story: Story) -> None:
    """The second trust root is signed by the sealer."""
    story.roots[1].signed_by = [SEALER]


@VECTORS.fails("F-SIG-3", "C05", "SignatureError", start=sound_story, level=0)
def run_by_an_impostor(story: Story) -> None:
    """The statement of a failed run is signed by a pair that no root names."""
    story.events[3].statement.signers = always([IMPOSTOR])


@VECTORS.fails("F-SIG-3", "C05", "SignatureError", level=0)
def canary_by_an_impostor(story: Story) -> None:
    """The proof of a canary is signed by a pair that no root names."""
    story.events[0].statement.signers = always([IMPOSTOR])


@VECTORS.fails("F-SIG-4", "C05", "MalformedError", level=0)
def manifest_under_the_type_of_a_run(story: Story) -> None:
    """A manifest is signed under the payload type of a run."""
    story.snapshots[0].statement.payload_type = always("application/vnd.strongroom.run+json")


@VECTORS.fails("F-SIG-4", "C05", "MalformedError", level=0)
def manifest_under_an_unknown_type(story: Story) -> None:
    """A manifest is signed under a payload type that the format does not list."""
    story.snapshots[0].statement.payload_type = always("application/vnd.in-toto+json")


@VECTORS.fails("F-SIG-4", "C05", "MalformedError", level=0)
def manifest_that_calls_itself_a_run(story: Story) -> None:
    """A payload under the manifest's type says that it is a run."""
    story.snapshots[0].statement.payload = member("type", "run")
    story.snapshots[0].statement.payload_type = always(MANIFEST_TYPE)


@VECTORS.fails("F-SIG-4", "C05", "MalformedError", level=0)
def root_in_the_log(story: Story) -> None:
    """A trust root stands in the log, where only the sealer's statements belong."""
    story.events.append(CanaryOpened(story.identities[0], day=2))
    story.events[-1].statement.payload = member("type", "root")
    story.events[-1].statement.payload_type = always("application/vnd.strongroom.root+json")


@VECTORS.fails("F-ST-1", "C05", "MalformedError", level=0)
def manifest_of_version_2(story: Story) -> None:
    """A manifest is of version 2."""
    story.snapshots[0].statement.payload = member("version", 2)


@VECTORS.fails("F-ST-1", "C01", "MalformedError", level=0)
def root_of_version_2(story: Story) -> None:
    """A trust root is of version 2."""
    story.roots[0].statement.payload = member("version", 2)


@VECTORS.fails("F-ST-1", "C05", "WrongArchiveError", level=0)
def manifest_of_another_archive(story: Story) -> None:
    """A manifest names another archive."""
    story.snapshots[0].statement.payload = member("archive_id", "00" * 16)


@VECTORS.fails("F-ST-1", "C05", "WrongArchiveError", start=sound_story, level=0)
def run_of_another_archive(story: Story) -> None:
    """A run names another archive."""
    story.events[3].statement.payload = member("archive_id", "00" * 16)


@VECTORS.fails("F-ST-1", "C05", "WrongArchiveError", level=0)
def canary_of_another_archive(story: Story) -> None:
    """The proof of a canary names another archive."""
    story.events[0].statement.payload = member("archive_id", "00" * 16)


@VECTORS.fails("F-ST-1", "C01", "WrongArchiveError", start=sound_story, level=0)
def later_root_of_another_archive(story: Story) -> None:
    """The second trust root names another archive than the first."""
    story.roots[1].statement.payload = member("archive_id", "00" * 16)


def _false(half: Json) -> Json:
    first = "A" if half["sig"][0] != "A" else "B"
    return {**half, "sig": first + half["sig"][1:]}


def _payload_bytes_of(envelope: Json) -> bytes:
    return base64.b64decode(envelope["payload"])


def _signed_bytes_of(envelope: Json) -> bytes:
    return pae_of(envelope["payloadType"], _payload_bytes_of(envelope))
