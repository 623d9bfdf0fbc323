"""F-ROOT: the chain of trust roots, and what it is started from."""

from __future__ import annotations

from tests.vectors.vector import VectorFile
from tests.verify.kit.archive import forge_files
from tests.verify.kit.crew import (
    CLASSIC,
    IMPOSTOR,
    POST_QUANTUM,
    ROOT_A,
    ROOT_B,
    SEALER,
    short_story,
    sound_story,
)
from tests.verify.kit.edit import Json, always, fields, flipped, member
from tests.verify.kit.keys import base64_of, log_pair, signer
from tests.verify.kit.story import RootStep, Story

VECTORS = VectorFile()
NEW_SEALER = signer("sealer, second generation")
NEW_ROOT_A, NEW_ROOT_B = signer("root A, second generation"), signer("root B, second generation")


def _rotated() -> Story:
    """A story whose second root replaces both root keys."""
    story = sound_story()
    story.roots[1].root_keys = [NEW_ROOT_A, NEW_ROOT_B]
    return story


def _sealer_replaced() -> Story:
    story = sound_story()
    story.roots[1].sealer_keys = [NEW_SEALER]
    story.roots[1].revocations = [{"key": SEALER.id, "from_index": 4, "reason": "replaced"}]
    for event in story.events[4:]:
        event.statement.signers = always([NEW_SEALER])
    return story


def _three_roots() -> Story:
    story = sound_story()
    last = story.roots[1]
    story.roots.append(RootStep(list(last.recipients), list(last.root_keys), list(last.sealer_keys)))
    return story


@VECTORS.fails("F-ROOT-1", "C01", "SignatureError", level=0)
def root_below_its_threshold(story: Story) -> None:
    """Root 1 asks for two signers and has one."""
    story.roots[0].signed_by = [ROOT_A]


@VECTORS.fails("F-ROOT-1", "C01", "SignatureError", start=_rotated, level=0)
def next_root_by_its_own_keys_alone(story: Story) -> None:
    """Root 2 is signed by its own keys and not by those of root 1."""
    story.roots[1].signed_by = [NEW_ROOT_A, NEW_ROOT_B]


@VECTORS.fails("F-ROOT-1", "C01", "SignatureError", start=_rotated, level=0)
def next_root_by_the_old_keys_alone(story: Story) -> None:
    """Root 2 is signed by the keys of root 1 and not by its own."""
    story.roots[1].signed_by = [ROOT_A, ROOT_B]


@VECTORS.fails("F-ROOT-1", "C01", "SignatureError", start=_rotated, level=0)
def next_root_by_half_of_each(story: Story) -> None:
    """Root 2 has one signature of each generation, where each asks for two."""
    story.roots[1].signed_by = [ROOT_A, NEW_ROOT_A]


@VECTORS.fails("F-ROOT-1", "C01", "SignatureError", start=sound_story, level=0)
def root_by_a_stranger(story: Story) -> None:
    """A stranger's second root names the stranger alone and is signed by him alone."""
    story.roots[1] = RootStep([CLASSIC, POST_QUANTUM], [IMPOSTOR, signer("his friend")], [signer("his sealer")])
    story.roots[1].signed_by = [IMPOSTOR, signer("his friend")]


@VECTORS.fails("F-ROOT-1", "C01", "SignatureError", level=0)
def threshold_above_the_keys(story: Story) -> None:
    """Root 1 asks for three signers and names two."""
    story.roots[0].root_threshold = 3


@VECTORS.fails("F-ROOT-1", "C01", "MalformedError", level=0)
def threshold_of_zero_for_the_root(story: Story) -> None:
    """Root 1 asks for no signer of the next root."""
    story.roots[0].root_threshold = 0


@VECTORS.fails("F-ROOT-1", "C01", "MalformedError", level=0)
def threshold_of_zero_for_the_sealer(story: Story) -> None:
    """Root 1 asks for no signer of a manifest."""
    story.roots[0].sealer_threshold = 0


@VECTORS.passes("F-ROOT-1", start=_rotated)
def next_root_by_both_generations(story: Story) -> None:
    """Root 2 replaces both keys and is signed by all four."""


@VECTORS.passes("F-SIG-3", start=_sealer_replaced)
def sealer_replaced(story: Story) -> None:
    """Root 2 names another sealer and revokes the first one from entry 4 on; older signatures stay good."""


@VECTORS.fails("F-SIG-3", "C05", "SignatureError", start=_sealer_replaced, level=0)
def sealer_who_was_replaced(story: Story) -> None:
    """The sealer that root 2 revokes from entry 4 on signs entry 6."""
    story.events[6].statement.signers = always([SEALER])


@VECTORS.passes("F-LOG-1", start=sound_story)
def log_keys_replaced(story: Story) -> None:
    """Root 2 names other log keys; older checkpoints stay signed by the first ones."""
    later = log_pair("log, second generation")
    keys = {"ed25519": base64_of(later.ed25519_public), "ml_dsa_44": base64_of(later.ml_dsa_44_public)}
    story.roots[1].statement.payload = lambda root: {**root, "log": {**root["log"], **keys}}
    for size in (5, 6, 7):
        story.checkpoint(size).log = always(later)


@VECTORS.fails("F-LOG-1", "C02", "SignatureError", start=sound_story, level=0)
def log_keys_that_were_replaced(story: Story) -> None:
    """Root 2 names other log keys, and the newest checkpoint is signed by the first ones."""
    later = log_pair("log, second generation")
    keys = {"ed25519": base64_of(later.ed25519_public), "ml_dsa_44": base64_of(later.ml_dsa_44_public)}
    story.roots[1].statement.payload = lambda root: {**root, "log": {**root["log"], **keys}}


@VECTORS.fails("F-ROOT-2", "C01", "LogError", start=_three_roots, level=0)
def root_left_out(story: Story) -> None:
    """Root 3 lies there and root 2 does not."""
    story.files = lambda files: {name: content for name, content in files.items() if name != "root/2.root.json"}


@VECTORS.fails("F-ROOT-2", "C01", "LogError", start=sound_story, level=0)
def root_that_skips_a_number(story: Story) -> None:
    """The file of root 2 says that it is number 3."""
    story.roots[1].statement.payload = member("number", 3)


@VECTORS.fails("F-ROOT-2", "C01", "LogError", start=sound_story, level=0)
def root_that_leans_on_another(story: Story) -> None:
    """Root 2 names another file as the one before it."""
    story.roots[1].statement.payload = member("previous", "00" * 32)


@VECTORS.fails("F-ROOT-2", "C01", "LogError", start=sound_story, level=0)
def second_root_without_a_previous(story: Story) -> None:
    """Root 2 names none before it."""
    story.roots[1].statement.payload = member("previous", None)


@VECTORS.fails("F-ROOT-2", "C01", "LogError", level=0)
def first_root_with_a_previous(story: Story) -> None:
    """Root 1 names one before it."""
    story.roots[0].statement.payload = member("previous", "00" * 32)


@VECTORS.fails("F-ROOT-2", "C01", "DigestError", level=0)
def first_root_replaced(story: Story) -> None:
    """The archive holds another root 1 than the one that trust starts from."""
    other = forge_files(short_story()).files["root/1.root.json"]
    story.files = lambda files: {**files, "root/1.root.json": other}


@VECTORS.fails("F-LOG-2", "C01", "WrongArchiveError", level=0)
def root_with_the_origin_of_another_archive(story: Story) -> None:
    """Root 1 names a log of another archive's origin, and that log signs: two archives could share one history."""
    origin = "strongroom.invalid/" + "00" * 16
    story.roots[0].statement.payload = member("log.origin", origin)
    for size in (1, 2):
        story.checkpoint(size).head = fields(origin=origin, name=origin)


@VECTORS.fails("F-ST-1", "C01", "WrongArchiveError", start=sound_story, level=0)
def second_root_of_another_archive(story: Story) -> None:
    """Root 2, signed by both generations, turns the archive into another one, its log's origin with it."""

    def edited(root: Json) -> Json:
        return {**root, "archive_id": "00" * 16, "log": {**root["log"], "origin": "strongroom.invalid/" + "00" * 16}}

    story.roots[1].statement.payload = edited


@VECTORS.fails("F-ROOT-3", "C01", "MalformedError", level=0)
def one_ed25519_key_for_root_and_sealer(story: Story) -> None:
    """A sealer's pair has the Ed25519 key of a root pair."""
    story.roots[0].statement.payload = member("roles.sealer.keys.0.ed25519", ROOT_A.public["ed25519"])
    story.roots[0].sealer_keys = [SEALER]


@VECTORS.fails("F-ROOT-3", "C01", "MalformedError", level=0)
def one_ed25519_key_for_log_and_sealer(story: Story) -> None:
    """The log's Ed25519 key is the sealer's."""
    story.roots[0].statement.payload = member("log.ed25519", SEALER.public["ed25519"])


@VECTORS.fails("F-ROOT-3", "C01", "MalformedError", level=0)
def one_ed25519_key_for_log_and_root(story: Story) -> None:
    """The log's Ed25519 key is a root's."""
    story.roots[0].statement.payload = member("log.ed25519", ROOT_B.public["ed25519"])


@VECTORS.fails("F-ROOT-3", "C01", "MalformedError", level=0)
def one_pair_twice_in_a_role(story: Story) -> None:
    """The sealer's pair is listed twice, so that one signer could look like two."""
    story.roots[0].sealer_keys = [SEALER, SEALER]


@VECTORS.fails("F-ROOT-3", "C01", "MalformedError", level=0)
def role_without_keys(story: Story) -> None:
    """Nobody may seal."""
    story.roots[0].statement.payload = member("roles.sealer.keys", [])


@VECTORS.fails("F-ROOT-3", "C01", "MalformedError", level=0)
def role_of_65_keys(story: Story) -> None:
    """The sealer's role names 65 pairs."""
    story.roots[0].sealer_keys = [SEALER, *(signer(f"crowd {place}") for place in range(64))]


@VECTORS.passes("F-ROOT-3", level=0)
def role_of_64_keys(story: Story) -> None:
    """The sealer's role names 64 pairs."""
    story.roots[0].sealer_keys = [SEALER, *(signer(f"crowd {place}") for place in range(63))]


@VECTORS.fails("C01", "C01", "DigestError", level=0, arguments=("--trust", "sha256:" + "00" * 32))
def fingerprint_of_another_root(story: Story) -> None:
    """Trust starts from a fingerprint that no root of this archive has."""


@VECTORS.fails("C01", "C01", "DigestError", level=0)
def roots_all_missing(story: Story) -> None:
    """No trust root lies in the archive; the pinned file alone is not the chain."""
    story.files = lambda files: {name: content for name, content in files.items() if not name.startswith("root/")}


@VECTORS.fails("F-SIG-1", "C01", "SignatureError", start=sound_story, level=0)
def second_root_altered(story: Story) -> None:
    """One bit of a signature of root 2 is flipped."""
    story.roots[1].statement.signatures = lambda halves: [
        *halves[:-1], {**halves[-1], "sig": base64_of(flipped(40)(bytes(3309)))}
    ]  # fmt: skip
