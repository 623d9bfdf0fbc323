"""The Merkle tree against RFC 6962 written down as the RFC has it."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.constants import HASH_BYTES
from verify.leaf import LeafHasher
from verify.tree import GrowingTree, leaf_hash_of, root_of, subtree_roots_of


def _rfc_6962_root(leaves: list[bytes]) -> bytes:
    """Section 2.1, over leaf hashes: k is the largest power of two smaller than n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + _rfc_6962_root(leaves[:k]) + _rfc_6962_root(leaves[k:])).digest()


hashes = st.integers(0, 70).flatmap(
    lambda count: st.just([leaf_hash_of(number.to_bytes(2, "big")) for number in range(count)])
)


@given(hashes)
def test_the_root_is_that_of_rfc_6962(leaves: list[bytes]) -> None:
    """Anyone can write a second reader from the RFC."""
    assert root_of(b"".join(leaves)) == _rfc_6962_root(leaves)


@given(hashes)
def test_a_tree_that_grows_has_the_root_of_every_prefix(leaves: list[bytes]) -> None:
    """Each old checkpoint is compared with the root of the log as it was then."""
    tree = GrowingTree()
    for size, leaf in enumerate(leaves):
        assert tree.root() == _rfc_6962_root(leaves[:size])
        tree.append(leaf)
    assert tree.root() == _rfc_6962_root(leaves)


@pytest.mark.parametrize("count", [2**15 - 1, 2**15, 2**15 + 1, 2**16 + 2**15 + 77])
def test_a_long_level_is_made_in_slices_and_gives_the_same_root(count: int) -> None:
    """A bundle of 256 GiB has four million segments; their hashes must not all become objects at once."""
    leaves = b"".join([leaf_hash_of(number.to_bytes(4, "big")) for number in range(count)])
    tree = GrowingTree()
    for at in range(0, len(leaves), HASH_BYTES):
        tree.append(leaves[at : at + HASH_BYTES])
    assert root_of(leaves) == tree.root()


@given(hashes, st.integers(0, 5))
def test_subtrees_can_be_computed_apart(leaves: list[bytes], height: int) -> None:
    """Several processes share the work; the root must not depend on how it was shared."""
    step = 2**height
    rows = [subtree_roots_of(b"".join(leaves[at : at + step]), height) for at in range(0, len(leaves), step)]
    assert root_of(b"".join(rows)) == _rfc_6962_root(leaves)


@given(
    st.binary(min_size=32, max_size=32),
    st.lists(st.tuples(st.binary(max_size=200), st.binary(min_size=32, max_size=32))),
)
def test_a_leaf_is_the_one_of_the_specification(secret: bytes, rows: list[tuple[bytes, bytes]]) -> None:
    """FORMAT.md section 5, with HMAC as the standard library has it."""
    expected = b""
    for key, record_hash in rows:
        salt = hmac.digest(secret, key, "sha256")
        content = b"strongroom/v1/leaf\x00" + salt + len(key).to_bytes(4, "big") + key + record_hash
        expected += hashlib.sha256(b"\x00" + content).digest()
    assert LeafHasher(secret).leaves_of([key for key, _ in rows], [one for _, one in rows]) == expected
