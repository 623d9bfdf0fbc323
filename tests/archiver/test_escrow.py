"""Escrow: a secret goes into every snapshot, and nobody on the archive host can read it back."""

from __future__ import annotations

import base64
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.errors import EscrowError
from archiver.escrow import MAX_SECRET_BYTES, Escrow, place_of
from archiver.graph.catalogue import load_catalogue
from vault.trust import new_identity
from verify.age import open_header, opened_chunks
from verify.errors import MalformedError
from verify.identity import Identity

SECRET = b"-----BEGIN PRIVATE KEY-----\nhush\n"
NOW = datetime(2026, 11, 21, 2, 15, tzinfo=UTC)


@pytest.fixture
def identity() -> Identity:
    return new_identity()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file with a secret."""
    path = tmp_path / "saml.pem"
    path.write_bytes(SECRET)
    return path


def escrowed(folder: Path, source: Path, identity: Identity, place: str = "applications/a1/k1") -> Escrow:
    escrow = Escrow(folder)
    escrow.add(place_of(place, load_catalogue()), source, (identity.recipient,), lambda: NOW)
    return escrow


def opened(value: dict[str, str], identity: Identity) -> bytes:
    sealed = base64.b64decode(value["sealed"])
    return b"".join(opened_chunks(sealed, open_header(sealed, [identity])))


def test_a_secret_is_a_record_that_the_identity_opens(tmp_path: Path, source: Path, identity: Identity) -> None:
    """On the day of the rebuild it is asked for by object and credential."""
    (record,) = escrowed(tmp_path / "escrow", source, identity).records()
    line = json.loads(record.line)
    assert (line["collection"], line["id"]) == ("escrow", "applications/a1/k1")
    value = line["value"]
    assert (value["for"], value["file"]) == (["applications", "a1", "k1"], "saml.pem")
    assert (value["sealed_at"], value["recipients"]) == ("2026-11-21T02:15:00Z", [identity.recipient.fingerprint])
    assert opened(value, identity) == SECRET


def test_nothing_of_the_secret_lies_on_the_host(tmp_path: Path, source: Path, identity: Identity) -> None:
    """The state folder may be stolen with the host."""
    escrowed(tmp_path / "escrow", source, identity)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "escrow").iterdir())
    assert b"hush" not in kept and base64.b64encode(SECRET)[:20] not in kept
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "escrow").iterdir())


def test_a_later_secret_for_one_place_replaces_the_earlier(tmp_path: Path, source: Path, identity: Identity) -> None:
    """A key that was rolled is not offered beside the new one; older snapshots keep it."""
    escrow = escrowed(tmp_path / "escrow", source, identity)
    source.write_bytes(b"rolled")
    place = place_of("applications/a1/k1", load_catalogue())
    assert escrow.add(place, source, (identity.recipient,), lambda: NOW)
    (record,) = escrow.records()
    assert opened(json.loads(record.line)["value"], identity) == b"rolled"


def test_each_place_has_a_secret_of_its_own(tmp_path: Path, source: Path, identity: Identity) -> None:
    """An object without a key id, and a credential of it, are two places."""
    escrow = escrowed(tmp_path / "escrow", source, identity)
    escrowed(tmp_path / "escrow", source, identity, "applications/a1")
    assert sorted(json.loads(record.line)["id"] for record in escrow.records()) == [
        "applications/a1",
        "applications/a1/k1",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "applications",
        "applications/",
        "applications/a/b/c",
        "/a",
        "applications/a\n",
        "applications/\udc80",
        "apps/a",
    ],
)
def test_what_names_no_place_is_refused(text: str) -> None:
    """A secret that nobody finds again is lost."""
    with pytest.raises(EscrowError) as caught:
        place_of(text, load_catalogue())
    assert caught.value.exit_status == 2


def test_a_misspelt_collection_of_a_place_gets_a_suggestion() -> None:
    """And not the whole catalogue."""
    with pytest.raises(EscrowError) as caught:
        place_of("aplications/a1/k1", load_catalogue())
    assert caught.value.next_step == "Did you mean applications?"


@pytest.mark.parametrize("kind", ["absent", "empty", "long", "folder", "fifo"])
def test_what_is_no_secret_is_refused_and_leaves_nothing(
    tmp_path: Path, source: Path, identity: Identity, kind: str
) -> None:
    """A wrong path must not look like a secret that is kept."""
    source.unlink()
    if kind == "empty":
        source.touch()
    elif kind == "long":
        source.write_bytes(bytes(MAX_SECRET_BYTES + 1))
    elif kind == "folder":
        source.mkdir()
    elif kind == "fifo":
        os.mkfifo(source)
    with pytest.raises(EscrowError) as caught:
        escrowed(tmp_path / "escrow", source, identity)
    assert str(source) in caught.value.message
    assert not (tmp_path / "escrow").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"for": 1}',
        b"\xff",
        b"[" * 5000,
        b'{"for":["applications","a1","k1"],"id":"applications/a1/k1","sealed":"aHVzaA=="}',
    ],
    ids=["empty", "cut", "no object", "no id", "no text", "deep", "not sealed"],
)
def test_a_damaged_secret_stops_the_run(tmp_path: Path, source: Path, identity: Identity, content: bytes) -> None:
    """Left out in silence, it would be missed on the day that it is needed."""
    escrow = escrowed(tmp_path / "escrow", source, identity)
    (kept,) = (tmp_path / "escrow").iterdir()
    kept.write_bytes(content)
    with pytest.raises(MalformedError) as caught:
        escrow.records()
    assert str(kept) in caught.value.message


def test_a_copy_of_a_secret_under_another_name_stops_the_run(tmp_path: Path, source: Path, identity: Identity) -> None:
    """Of two for one place, the one that was replaced could be the one that is sealed."""
    escrow = escrowed(tmp_path / "escrow", source, identity)
    (kept,) = (tmp_path / "escrow").iterdir()
    (tmp_path / "escrow" / "copy.json").write_bytes(kept.read_bytes())
    with pytest.raises(MalformedError) as caught:
        escrow.records()
    assert "copy.json" in caught.value.message


def test_a_secret_that_says_it_is_for_another_place_stops_the_run(
    tmp_path: Path, source: Path, identity: Identity
) -> None:
    """The inventory goes by what it is for: that place would be called escrowed, and its own would not."""
    escrow = escrowed(tmp_path / "escrow", source, identity)
    (kept,) = (tmp_path / "escrow").iterdir()
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "for": ["applications", "a2", "k1"]}))
    with pytest.raises(MalformedError, match="is damaged"):
        escrow.records()


def test_a_file_of_any_name_is_escrowed(tmp_path: Path, identity: Identity) -> None:
    """File systems hold names that are no text; what is in the file is the secret."""
    source = tmp_path / os.fsdecode(b"s\xff.pem")
    source.write_bytes(SECRET)
    (record,) = escrowed(tmp_path / "escrow", source, identity).records()
    value = json.loads(record.line)["value"]
    assert value["file"] == "s\\udcff.pem" and opened(value, identity) == SECRET


def test_without_any_secret_there_are_no_records(tmp_path: Path) -> None:
    """Most archives have none."""
    assert Escrow(tmp_path / "escrow").records() == []
