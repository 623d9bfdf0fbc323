"""Bundles open with stock tools: `age -d | zstd -dc` prints the lines, without any code of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.vault.host import Host, user
from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.crew import CLASSIC, POST_QUANTUM, sound_story
from tests.verify.kit.keys import AgeIdentity
from tests.verify.kit.story import Snapshot
from verify.identity import HYBRID, X25519, Identity
from verify.key import Record

DECRYPT_WITH_NODE = """
import { readFileSync, writeFileSync } from "node:fs";
import { Decrypter } from "age-encryption";
const [identityFile, bundle, plaintext] = process.argv.slice(1);
const decrypter = new Decrypter();
for (const line of readFileSync(identityFile, "utf8").split("\\n"))
    if (line && !line.startsWith("#")) decrypter.addIdentity(line);
writeFileSync(plaintext, await decrypter.decrypt(readFileSync(bundle)));
"""


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def _inflate(plaintext: Path) -> bytes:
    """What `zstd -dc` prints."""
    with plaintext.open("rb") as content:
        return subprocess.run([_tool("zstd"), "-dc"], stdin=content, check=True, capture_output=True).stdout


def _lines_by_age(bundle: Path, identity: Path, folder: Path) -> bytes:
    plaintext = folder / "plaintext"
    command = [_tool("age"), "-d", "-i", str(identity), "-o", str(plaintext), str(bundle)]
    subprocess.run(command, check=True, capture_output=True)
    return _inflate(plaintext)


def _lines_by_node(bundle: Path, identity: Path, folder: Path, age_encryption_dir: Path) -> bytes:
    plaintext = folder / "plaintext"
    command = [_tool("node"), "--input-type=module", "--eval", DECRYPT_WITH_NODE, "--",
               str(identity), str(bundle), str(plaintext)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, cwd=age_encryption_dir)
    return _inflate(plaintext)


def _bundles(archive: ForgedArchive, identity: AgeIdentity) -> list[tuple[Path, bytes]]:
    """Every bundle sealed to `identity`, with the lines that went into it."""
    base: list[object] = []
    found = []
    for snapshot, sealed in zip(sound_story().snapshots, archive.sealed, strict=True):
        assert isinstance(snapshot, Snapshot)
        known = [] if snapshot.kind == "full" else base
        lines = b"".join(record.line + b"\n" for record in snapshot.live if record not in known)
        if snapshot.kind == "full":
            base = list(snapshot.live)
        digest = sealed.payload["bundles"][0]["sha256"]
        if sealed.payload["recipients"] == [identity.fingerprint]:
            found.append((archive.path / "bundles" / "sha256" / digest[:2] / f"{digest}.age", lines))
    return found


def _sealed_by_the_writer(folder: Path, kind: str, records: list[Record]) -> tuple[Path, Path]:
    """Seals one full on a host of its own; returns the bundle and the identity file."""
    host = Host(folder / "host", identity=Identity(kind, os.urandom(32)))
    host.prove()
    host.seal(records)
    identity = folder / "identity.txt"
    identity.write_text(AgeIdentity(host.identity.secret, post_quantum=kind == HYBRID).text + "\n")
    (bundle,) = host.archive.glob("bundles/sha256/*/*.age")
    return bundle, identity


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> ForgedArchive:
    """A full and a delta of each kind of recipient."""
    return forge(tmp_path_factory.mktemp("stock"), sound_story())


def test_a_classical_bundle_opens_with_the_distributions_age(archive: ForgedArchive, tmp_path: Path) -> None:
    """Whoever holds the identity reads the archive with two programs that are in every distribution."""
    bundles = _bundles(archive, CLASSIC)
    assert len(bundles) == 2
    for bundle, lines in bundles:
        assert _lines_by_age(bundle, archive.identity_paths[CLASSIC.fingerprint], tmp_path) == lines
        (tmp_path / "plaintext").unlink()


def test_a_post_quantum_bundle_opens_with_the_package_of_ages_author(
    archive: ForgedArchive, tmp_path: Path, age_encryption_dir: Path
) -> None:
    """The same for the default kind of recipient, which an age before 1.3 does not know yet."""
    bundles = _bundles(archive, POST_QUANTUM)
    assert len(bundles) == 2
    for bundle, lines in bundles:
        identity = archive.identity_paths[POST_QUANTUM.fingerprint]
        assert _lines_by_node(bundle, identity, tmp_path, age_encryption_dir) == lines


def test_a_bundle_of_the_real_writer_opens_with_the_distributions_age(tmp_path: Path) -> None:
    """The same, for what the product seals: a full's whole snapshot, line by line."""
    records = [user(number) for number in range(2000)]
    bundle, identity = _sealed_by_the_writer(tmp_path, X25519, records)
    lines = b"".join(line + b"\n" for _, line in sorted(records))
    assert _lines_by_age(bundle, identity, tmp_path) == lines


def test_a_post_quantum_bundle_of_the_real_writer_opens_with_the_package_of_ages_author(
    tmp_path: Path, age_encryption_dir: Path
) -> None:
    """The same, for the default kind of recipient."""
    records = [user(number) for number in range(2000)]
    bundle, identity = _sealed_by_the_writer(tmp_path, HYBRID, records)
    lines = b"".join(line + b"\n" for _, line in sorted(records))
    assert _lines_by_node(bundle, identity, tmp_path, age_encryption_dir) == lines


def test_a_stranger_opens_nothing(archive: ForgedArchive, tmp_path: Path) -> None:
    """The stock tool refuses an identity that the bundle was not sealed to."""
    bundle, _ = _bundles(archive, CLASSIC)[0]
    stranger = tmp_path / "stranger.txt"
    stranger.write_text(AgeIdentity(bytes(32), post_quantum=False).text + "\n")
    command = [_tool("age"), "-d", "-i", str(stranger), str(bundle)]
    refused = subprocess.run(command, check=False, capture_output=True)
    assert refused.returncode != 0
    assert refused.stdout == b""
