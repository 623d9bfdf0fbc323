"""What the real writer seals is what the specification says: a reader without code of ours opens it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.vault.host import Host, user
from tests.verify.kit.keys import AgeIdentity
from tests.verify.kit.reader import read_archive
from verify.identity import HYBRID, X25519, Identity


@pytest.mark.parametrize("kind", [X25519, HYBRID])
def test_a_second_reader_opens_what_the_writer_sealed(kind: str, tmp_path: Path) -> None:
    """Writer and reader could share a misreading of FORMAT.md; this one was written from the text alone."""
    host = Host(tmp_path, identity=Identity(kind, os.urandom(32)))
    host.prove()
    first = [user(number) for number in range(3000)]
    second = [user(0, "Bergen"), *first[2:], user(3001)]
    for records in (first, second, first):
        host.seal(records)
    ours = AgeIdentity(host.identity.secret, post_quantum=kind == HYBRID)
    live = read_archive(host.archive, {ours.fingerprint: ours})
    assert {sequence: [tuple(record) for record in records] for sequence, records in live.items()} == {
        1: sorted(map(tuple, first)),
        2: sorted(map(tuple, second)),
        3: sorted(map(tuple, first)),
    }
