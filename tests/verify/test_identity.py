"""Recipients and identities in their text form."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify import bech32
from verify.errors import MalformedError, NoIdentityError
from verify.identity import HYBRID, X25519, Identity, identities_of, identity_of, identity_text_of, recipient_of

# The example of C2SP age.md, "The X25519 recipient type".
SECRET = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
RECIPIENT = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
# The example of the same document for the hybrid type; its recipient is told by its two ends.
HYBRID_SECRET = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
HYBRID_RECIPIENT_ENDS = ("age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235j", "y7saeq0d3fzv49zc0k")


def test_the_recipient_of_the_specification_s_identity_is_the_specification_s() -> None:
    """Interoperation with stock age begins here."""
    assert identity_of(SECRET).recipient.text == RECIPIENT
    hybrid = identity_of(HYBRID_SECRET).recipient
    assert hybrid.kind == HYBRID
    assert hybrid.text.startswith(HYBRID_RECIPIENT_ENDS[0])
    assert hybrid.text.endswith(HYBRID_RECIPIENT_ENDS[1])


def test_a_fingerprint_is_the_hash_of_the_recipient_string() -> None:
    """Canaries and manifests name recipients so; `printf %s age1... | sha256sum` must give the same."""
    assert recipient_of(RECIPIENT).fingerprint == hashlib.sha256(RECIPIENT.encode()).hexdigest()
    assert recipient_of(RECIPIENT.upper()).fingerprint == recipient_of(RECIPIENT).fingerprint


@given(st.sampled_from([X25519, HYBRID]), st.binary(min_size=32, max_size=32))
def test_an_identity_survives_its_text_form(kind: str, secret: bytes) -> None:
    """What `init` writes, `verify` must read."""
    identity = Identity(kind, secret)
    assert identity_of(identity_text_of(identity)) == identity
    assert recipient_of(identity.recipient.text) == identity.recipient


def test_a_secret_never_stands_in_a_message() -> None:
    """Messages go to logs and tickets."""
    broken = SECRET[:-1] + "Q"
    with pytest.raises(MalformedError) as caught:
        identities_of(f"# mine\n{broken}\n".encode())
    assert "line 2" in caught.value.message
    assert broken[20:40] not in str(caught.value)
    assert "secret=" not in repr(identity_of(SECRET))


def test_an_identity_file_may_hold_comments_and_several_identities() -> None:
    """age-keygen writes comments; a custodian keeps the identities of several key periods in one file."""
    text = f"# created: 2026-11-21\n\n{SECRET}\r\n  \n{HYBRID_SECRET}\n"
    assert [identity.kind for identity in identities_of(text.encode())] == [X25519, HYBRID]


@pytest.mark.parametrize("content", [b"", b"# nothing\n"])
def test_an_identity_file_without_identity_says_so(content: bytes) -> None:
    """An empty file is another mistake than a damaged one."""
    with pytest.raises(NoIdentityError):
        identities_of(content)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"hello\n", RECIPIENT.encode(), b"A" * (1024 * 1024 + 1)])
def test_what_is_no_identity_file_is_malformed(content: bytes) -> None:
    """The commonest mistake is to give the recipient's file."""
    with pytest.raises(MalformedError):
        identities_of(content)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        "1",
        RECIPIENT[:-1],
        RECIPIENT[:-1] + "q",
        RECIPIENT[:10].upper() + RECIPIENT[10:],
        SECRET,
        bech32.encode("age", bytes(31)),
        bech32.encode("age", bytes(33)),
        bech32.encode("age1pq", bytes(32)),
        bech32.encode("age1pq", b"\xff" * 1216),
        bech32.encode("age1tag", bytes(33)),
        "age1" + "é" * 20,
        "a" * 5000,
    ],
)
def test_a_text_that_is_no_recipient_is_refused(text: str) -> None:
    """Sealing to a mistyped recipient is an archive that nobody can open."""
    with pytest.raises(MalformedError):
        recipient_of(text)


@given(st.binary(max_size=80), st.data())
def test_any_one_changed_character_breaks_the_checksum(content: bytes, data: st.DataObject) -> None:
    """Bech32 promises to notice a single mistyped character."""
    text = bech32.encode("age", content)
    at = data.draw(st.integers(4, len(text) - 1))
    other = data.draw(st.sampled_from([c for c in "qpzry9x8gf2tvdw0s3jn54khce6mua7l" if c != text[at]]))
    with pytest.raises(MalformedError):
        bech32.decode(text[:at] + other + text[at + 1 :])
