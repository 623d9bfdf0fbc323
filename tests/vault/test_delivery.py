"""Delivery: each store by itself, in order, and nothing on top of what is not there."""

from __future__ import annotations

import shutil

from tests.vault.host import Host, user
from vault.errors import StoreBehindError
from vault.ledger.delivery import ACKNOWLEDGED, SPOOLED, deliver
from vault.spooling.spool import Spool

DAY = [user(number) for number in range(20)]


def sealed_not_delivered(host: Host) -> None:
    """One more snapshot that waits in the outbox."""
    sealer = host.sealer()
    with Spool(host.folder / "spool", 1) as spool:
        sealer.seal(spool, host.reading(), host.rules(), full=True)


def test_a_store_that_was_emptied_gets_nothing_on_top(host: Host) -> None:
    """A checkpoint that commits to entries which the store has lost would make its archive look tampered with."""
    host.seal(DAY)
    sealed_not_delivered(host)
    shutil.move(host.archive, host.folder / "away")
    (delivery,) = deliver(host.ledger.commits(), [host.store])
    assert delivery.outcome == SPOOLED
    assert isinstance(delivery.error, StoreBehindError)
    assert not [path for path in host.archive.rglob("*") if path.is_file()]
    shutil.rmtree(host.archive, ignore_errors=True)
    shutil.move(host.folder / "away", host.archive)
    (delivery,) = deliver(host.ledger.commits(), [host.store])
    assert (delivery.outcome, delivery.error) == (ACKNOWLEDGED, None)


def test_a_delivery_repeated_changes_nothing(host: Host) -> None:
    """A run killed in a delivery does it again from the start."""
    host.seal(DAY)
    sealed_not_delivered(host)
    for _ in range(2):
        (delivery,) = deliver(host.ledger.commits(), [host.store])
        assert delivery.outcome == ACKNOWLEDGED
        for marker in host.ledger.commits()[0].folder.glob("done-*"):
            marker.unlink()
