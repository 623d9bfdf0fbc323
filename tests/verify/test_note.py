"""Signed notes against the example of C2SP signed-note.md, and hostile ones."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.errors import MalformedError, SignatureError
from verify.note import key_id_of, note_of, verify_ed25519

# The example of C2SP signed-note.md, "Verifier keys".
NAME = "example.com/foo"
KEY_ID = "530d903a"
PUBLIC_KEY = base64.b64decode("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")[1:]
NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()


def test_the_specification_s_example_verifies() -> None:
    """Stock tools for notes must be able to read our checkpoints, and we theirs."""
    assert key_id_of(NAME, b"\x01", PUBLIC_KEY).hex() == KEY_ID
    verify_ed25519(note_of(NOTE, "note"), NAME, PUBLIC_KEY, "note")


@pytest.mark.parametrize(("name", "key"), [("example.com/bar", PUBLIC_KEY), (NAME, bytes(32))])
def test_a_signature_by_another_key_is_not_there(name: str, key: bytes) -> None:
    """A signature line counts only when name and key id are those of the key that is trusted."""
    with pytest.raises(SignatureError, match="0 signatures"):
        verify_ed25519(note_of(NOTE, "note"), name, key, "note")


def test_a_changed_text_has_no_signature() -> None:
    """The signature is over the text as it stands, LF included."""
    with pytest.raises(SignatureError, match="wrong"):
        verify_ed25519(note_of(NOTE.replace(b"an example", b"no example"), "note"), NAME, PUBLIC_KEY, "note")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_note_or_malformed(content: bytes) -> None:
    """No other exception, whatever lies in a file."""
    try:
        note_of(content, "note")
    except MalformedError:
        return


@pytest.mark.parametrize(
    "content",
    [
        b"", b"text\n", b"text\n\n", NOTE[:-1], NOTE + b"\n", NOTE.replace(b"\n\n", b"\n"), NOTE + b"x\n",
        NOTE.replace(b" example.com", b"  example.com"), NOTE.replace(b"/foo ", b"/f+o "), b"\x01" + NOTE,
        NOTE.replace(b"aQM=", b"aQN="), NOTE.replace(b"aQM=", b"aQM"), b"t\n\n" + "— a AAAAAAAA\n".encode() * 17,
        b"t\n\n" + "— a AAA=\n".encode(), b"x" * 70_000,
    ],
)  # fmt: skip
def test_what_is_no_note_is_malformed(content: bytes) -> None:
    """One fault each."""
    with pytest.raises(MalformedError):
        note_of(content, "note")


def test_sixteen_signatures_are_a_note() -> None:
    """A log and its witnesses; the seventeenth is refused above."""
    assert len(note_of(b"t\n\n" + "— a AAAAAAAA\n".encode() * 16, "note").signatures) == 16
