"""The age layer against the public test vectors of C2SP/CCTV, and against its own limits."""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path
from typing import NamedTuple

import pytest

from verify.age import header_of, nonce_of, open_header, opened_chunks, plaintext_length_of
from verify.errors import DigestError, MalformedError, StrongroomError, WrongIdentityError
from verify.identity import identity_of

_SHARED = Path(os.environ.get("STRONGROOM_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
_VECTORS = _SHARED / "age-vectors"

NOT_APPLICABLE = {
    "armored": "armor is text for mail; a file of an archive is binary",
    "passphrase": "passphrases (scrypt) are refused: an archive is sealed to recipients",
}


class Vector(NamedTuple):
    """One file of the vectors: what it says about itself, and the age file in it."""

    fields: dict[str, list[str]]
    file: bytes

    @property
    def reason_not_to_run(self) -> str | None:
        return next((NOT_APPLICABLE[name] for name in self.fields if name in NOT_APPLICABLE), None)


def _vector(name: str) -> Vector:
    head, _, body = (_VECTORS / name).read_bytes().partition(b"\n\n")
    fields: dict[str, list[str]] = {}
    for line in head.decode().splitlines():
        field, _, value = line.partition(": ")
        fields.setdefault(field, []).append(value)
    if fields.get("compressed") == ["zlib"]:
        body = zlib.decompress(body)
    return Vector(fields, body)


def _names() -> list[str]:
    return sorted(path.name for path in _VECTORS.iterdir()) if _VECTORS.is_dir() else []


def _outcome(vector: Vector) -> str:
    """Runs one vector and says the outcome in the vectors' own words."""
    identities = [identity_of(text) for text in vector.fields.get("identity", [])]
    try:
        opened = open_header(vector.file, identities)
        nonce_of(vector.file, opened)
    except WrongIdentityError:
        return "no match"
    except DigestError:
        return "HMAC failure"
    except MalformedError:
        return "header failure"
    plaintext = hashlib.sha256()
    try:
        for chunk in opened_chunks(vector.file, opened):
            plaintext.update(chunk)
    except (DigestError, MalformedError):
        return "payload failure"
    assert [plaintext.hexdigest()] == vector.fields["payload"]
    return "success"


needs_vectors = pytest.mark.skipif(not _VECTORS.is_dir(), reason="the age vectors are not on this machine")


@needs_vectors
@pytest.mark.parametrize("name", [name for name in _names() if _vector(name).reason_not_to_run is None])
def test_an_age_vector_has_the_outcome_that_its_authors_say(name: str) -> None:
    """Bundles must be plain age files: what other readers refuse we refuse, for the same reason."""
    vector = _vector(name)
    assert [_outcome(vector)] == vector.fields["expect"]


@needs_vectors
def test_the_vectors_left_out_are_armor_and_passphrases_only() -> None:
    """A vector that silently stopped to apply would hide a hole; these are all, by name."""
    left_out = {name for name in _names() if _vector(name).reason_not_to_run}
    assert all(name.startswith(("armor_", "scrypt", "x25519_no_match_scrypt")) for name in left_out), left_out
    assert len(_names()) - len(left_out) >= 80


@needs_vectors
def test_a_file_with_a_passphrase_is_refused_by_name() -> None:
    """An operator who meets such a file should read why, and not `wrong identity` alone."""
    with pytest.raises(WrongIdentityError, match="passphrase"):
        open_header(_vector("scrypt").file, [])


def _header(stanzas: int) -> bytes:
    return b"age-encryption.org/v1\n" + b"-> x y\n\n" * stanzas + b"--- " + b"A" * 43 + b"\n"


def test_a_header_with_more_stanzas_than_the_limit_is_refused() -> None:
    """Each stanza costs a decapsulation; a header of a million stanzas must cost nothing."""
    assert len(header_of(_header(20)).stanzas) == 20
    with pytest.raises(MalformedError, match="20 stanzas"):
        header_of(_header(21))


def test_a_header_longer_than_the_limit_is_refused() -> None:
    """A header that never ends must not be read to its end."""
    body = b"A" * 64 + b"\n"
    with pytest.raises(MalformedError, match="64 KiB"):
        header_of(b"age-encryption.org/v1\n-> x\n" + body * 2000 + b"\n--- " + b"A" * 43 + b"\n")


@pytest.mark.parametrize("cut", [0, 1, 20, 22, 25, 40])
def test_a_cut_header_is_malformed(cut: int) -> None:
    """Half a download is the commonest damage of all."""
    with pytest.raises(StrongroomError):
        header_of(_header(1)[:cut])


@pytest.mark.parametrize(
    ("file_bytes", "plaintext_bytes"),
    [(116 + 16, 0), (116 + 17, 1), (116 + 65552, 65536), (116 + 65552 + 17, 65537)],
)
def test_the_plaintext_length_follows_from_the_size_of_the_file(file_bytes: int, plaintext_bytes: int) -> None:
    """Point reads find the footer from the file's size alone."""
    assert plaintext_length_of(file_bytes, 100) == plaintext_bytes


@pytest.mark.parametrize("file_bytes", [0, 100, 116, 116 + 15, 116 + 65552 + 15, 116 + 65552 + 16])
def test_a_size_that_no_payload_has_is_malformed(file_bytes: int) -> None:
    """An empty final chunk after a full one would be a second spelling of the same plaintext."""
    with pytest.raises(MalformedError):
        plaintext_length_of(file_bytes, 100)
