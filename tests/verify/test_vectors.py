"""Every vector gets the verdict that it states, and every MUST of FORMAT.md has vectors."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.vectors.catalogue import VECTORS, table_of
from tests.vectors.vector import Vector
from tests.verify.kit.archive import forge
from tests.verify.kit.crew import STRANGER, short_story
from tests.verify.kit.reader import read_archive
from tests.verify.kit.verdict import arguments_for, verdict_of, verdict_on

SAMPLE = [
    vector
    for vector in VECTORS
    if vector.id
    in {
        "sound-archive", "root-below-its-threshold", "entry-missing", "bundle-cut-short",
        "footer-of-another-archive", "payload-100000-levels-deep", "line-of-256-mib-declared",
        "witnesses-asked-for", "archive-too-old",
    }
]  # fmt: skip
ROTATED = {
    "sealer-replaced",
    "log-keys-replaced",
    "sealer-revoked-later",
    "bundles-expired",
    "evidence-of-an-expired-full-gone",
}
"""Sound archives that the second reader, which knows neither rotation nor expiry, is not made for."""

SOUND = [vector for vector in VECTORS if vector.verdict == "PASS" and not vector.arguments and vector.id not in ROTATED]


def _ids_of(repository: Path) -> set[str]:
    """The F-ids and check ids that the specification defines."""
    text = (repository / "verify" / "FORMAT.md").read_text(encoding="utf-8")
    return set(re.findall(r"\*\*(F-[A-Z]+-[0-9]+)\*\*", text)) | set(re.findall(r"^\| `(C[0-9]+)`", text, re.MULTILINE))


def test_every_must_of_the_specification_has_a_vector_that_breaks_it(repository: Path) -> None:
    """A rule without a vector is a rule that a reader may forget."""
    musts = {id_ for id_ in _ids_of(repository) if id_.startswith("F-")}
    assert musts == {vector.must for vector in VECTORS if vector.verdict == "FAIL" and vector.must in musts}


def test_every_vector_names_an_id_that_the_specification_defines(repository: Path) -> None:
    """A vector for a rule that is not written down tests an opinion."""
    assert {vector.must for vector in VECTORS} <= _ids_of(repository)


def test_vector_ids_are_unique_and_titles_are_sentences() -> None:
    """People cite vectors by id and read them by title."""
    assert len({vector.id for vector in VECTORS}) == len(VECTORS)
    assert [vector.id for vector in VECTORS if not vector.title.endswith(".")] == []


def test_the_table_of_vectors_is_up_to_date(repository: Path) -> None:
    """The table is made from the vectors: `python -m tests.vectors.catalogue`."""
    assert (repository / "tests" / "vectors" / "README.md").read_text(encoding="utf-8") == table_of(VECTORS)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)
def test_a_vector_gets_its_verdict(vector: Vector, tmp_path: Path) -> None:
    """One fault, one named failure: the first check that is not PASS, its error, the exit status."""
    archive = forge(tmp_path, vector.story())
    (tmp_path / "stranger.txt").write_text(STRANGER.text + "\n")
    verdict = verdict_on(archive, level=vector.level, more=vector.arguments)
    first = verdict.failures[0] if verdict.failures else {"id": None, "error": None}
    assert (verdict.document["verdict"], verdict.exit_status) == (vector.verdict, vector.exit_status), first
    assert (first["id"], first["error"]) == (vector.check, vector.error), first


def test_level_one_without_an_identity_is_refused(tmp_path: Path) -> None:
    """No key is no verdict: what can't be opened must not look as if it had been."""
    archive = forge(tmp_path, short_story())
    arguments = [str(archive.path), "--trust", str(archive.trust_root_path), "--level", "1", "--json"]
    refused = verdict_of(arguments)
    assert refused.exit_status == 40
    assert refused.document["error"]["class"] == "NoIdentityError"


@pytest.mark.parametrize("put", [Path.mkdir, os.mkfifo], ids=["folder", "fifo"])
def test_what_is_no_file_in_place_of_a_bundle_is_a_missing_bundle(put: Callable[[Path], None], tmp_path: Path) -> None:
    """A medium may hold anything under a bundle's name; a FIFO must not make the verifier wait for ever."""
    archive = forge(tmp_path, short_story())
    (bundle,) = archive.path.glob("bundles/sha256/*/*.age")
    bundle.unlink()
    put(bundle)
    verdict = verdict_on(archive, level=0)
    assert verdict.exit_status == 5
    assert verdict.failures[0]["id"] == "C08"


@pytest.mark.parametrize("vector", SAMPLE, ids=lambda vector: vector.id)
def test_the_command_line_gives_the_same_verdict(vector: Vector, tmp_path: Path) -> None:
    """`python -m verify` is what an auditor runs; a process of its own says the same, without a traceback."""
    archive = forge(tmp_path, vector.story())
    command = [
        sys.executable,
        "-m",
        "verify",
        *arguments_for(archive, level=vector.level, more=vector.arguments),
    ]
    run = subprocess.run(command, check=False, capture_output=True, cwd=Path(__file__).parents[2])
    assert run.returncode == vector.exit_status
    assert json.loads(run.stdout)["verdict"] == vector.verdict
    assert b"Traceback" not in run.stderr


@pytest.mark.parametrize("vector", SOUND, ids=lambda vector: vector.id)
def test_a_second_reader_opens_every_sound_archive(vector: Vector, tmp_path: Path) -> None:
    """The sound archives are sound by the specification and not by the reader that is under test."""
    story = vector.story()
    archive = forge(tmp_path, story)
    identities = {identity.fingerprint: identity for identity in story.identities}
    live = read_archive(archive.path, identities)
    expected = {place: snapshot.live for place, snapshot in enumerate(story.snapshots, start=1)}
    kept = expected if vector.id != "archive-of-yesterday" else {1: expected[1], 2: expected[2]}
    assert live == kept
