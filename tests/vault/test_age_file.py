"""What is sealed opens with the identity, byte for byte, whatever its length."""

from __future__ import annotations

import hashlib
import io

import pytest

from vault.errors import RecipientRefusedError
from vault.sealing.age_file import AgeFile, header_of
from vault.trust import new_identity
from verify.age import open_header, opened_chunks
from verify.constants import AGE_CHUNK_BYTES, SEGMENT_BYTES
from verify.errors import WrongIdentityError
from verify.identity import HYBRID, X25519, Identity
from verify.tree import leaf_hash_of, root_of

SIZES = [0, 1, AGE_CHUNK_BYTES - 1, AGE_CHUNK_BYTES, AGE_CHUNK_BYTES + 1, 3 * AGE_CHUNK_BYTES]


def sealed(identity: Identity, content: bytes, piece: int) -> tuple[bytes, AgeFile]:
    """The age file of `content`, written in pieces."""
    target = io.BytesIO()
    age = AgeFile(target, [identity.recipient])
    for at in range(0, len(content), piece):
        age.write(content[at : at + piece])
    age.close()
    return target.getvalue(), age


@pytest.mark.parametrize("kind", [HYBRID, X25519])
@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_to_the_same_bytes(kind: str, size: int) -> None:
    """Chunk borders are where stream formats break."""
    identity = Identity(kind, bytes(range(32)))
    content = bytes(index % 251 for index in range(size))
    for piece in (777, AGE_CHUNK_BYTES, 1 << 20):
        file, age = sealed(identity, content, piece)
        opened = open_header(file, [identity])
        assert b"".join(opened_chunks(file, opened)) == content
        assert opened.file_key == age.file_key


def test_digests_and_segments_describe_the_file_as_written() -> None:
    """The manifest signs these numbers without reading the file again."""
    file, age = sealed(new_identity(), b"x" * 300_000, 1000)
    segments = [leaf_hash_of(file[at : at + SEGMENT_BYTES]) for at in range(0, len(file), SEGMENT_BYTES)]
    assert age.sha256 == hashlib.sha256(file).hexdigest()
    assert age.sha512 == hashlib.sha512(file).hexdigest()
    assert age.segments == b"".join(segments)
    assert age.segments_root == root_of(age.segments)
    assert age.bytes_written == len(file)


def test_no_two_files_share_a_key() -> None:
    """One file key for two files would let one opened bundle open another."""
    identity = new_identity()
    assert sealed(identity, b"x", 1)[1].file_key != sealed(identity, b"x", 1)[1].file_key


def test_a_stranger_s_identity_opens_nothing() -> None:
    """Sealing must be to the recipient and to nobody else."""
    file, _ = sealed(new_identity(), b"x", 1)
    with pytest.raises(WrongIdentityError):
        open_header(file, [new_identity()])


def test_each_of_several_recipients_opens_the_file_alone() -> None:
    """Recipients of one file are alternatives."""
    one, other = new_identity(), new_identity()
    target = io.BytesIO()
    age = AgeFile(target, [one.recipient, other.recipient])
    age.write(b"content")
    age.close()
    for identity in (one, other):
        opened = open_header(target.getvalue(), [identity])
        assert b"".join(opened_chunks(target.getvalue(), opened)) == b"content"


def test_sealing_to_nobody_is_refused() -> None:
    """A tool that goes on without a recipient writes an archive for nobody."""
    with pytest.raises(RecipientRefusedError):
        header_of(bytes(16), [])


def test_mixing_post_quantum_and_classical_recipients_is_refused() -> None:
    """The weaker stanza would open the file."""
    classical = Identity(X25519, bytes(range(32))).recipient
    with pytest.raises(RecipientRefusedError):
        header_of(bytes(16), [new_identity().recipient, classical])
