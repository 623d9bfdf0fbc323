"""Delivery: each store by itself, in order, and nothing on top of what is not there."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.vault.host import Host, user
from vault.errors import StoreBehindError
from vault.ledger.delivery import ACKNOWLEDGED, SPOOLED, deliver
from vault.spooling.spool import Spool
from vault.stores.directory import DirectoryStore
from vault.stores.receipt import Receipt

LOCKED_UNTIL = datetime(2030, 1, 1, tzinfo=UTC)


class LockingStore(DirectoryStore):
    """A folder whose files are locked: a bundle for longer than the rest of its snapshot."""

    def put(self, name: str, source: Path, sha256: str, retain_until: datetime) -> Receipt:
        """As the folder does, with the lock in the receipt."""
        more = timedelta(days=365 if name.startswith("bundles/") else 0)
        return replace(super().put(name, source, sha256, retain_until), retain_until=LOCKED_UNTIL + more)


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


def test_until_when_a_store_keeps_a_snapshot_is_what_its_receipts_say(host: Host) -> None:
    """A folder keeps nothing from anybody; of what is locked, the file that is free first decides."""
    sealed_not_delivered(host)
    locking = LockingStore("locking", host.folder / "locked")
    plain, locked = deliver(host.ledger.commits(), [host.store, locking])
    assert (plain.retain_until, locked.retain_until) == (None, LOCKED_UNTIL)
    (again,) = deliver(host.ledger.commits(), [locking])
    assert (again.outcome, again.retain_until) == (ACKNOWLEDGED, None), "nothing was put, and nothing confirmed"
