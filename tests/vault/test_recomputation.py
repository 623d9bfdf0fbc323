"""The double computation: every statement of a manifest is held against the bundle on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import vault.sealing.recomputation
import vault.sealing.sealer
from tests.vault.host import Host, user
from vault.errors import SealMismatchError
from vault.sealing.bundle import SealedBundle
from vault.sealing.recomputation import recompute
from vault.spooling.spool import Spool
from verify.bundle import Bundle
from verify.manifest import Manifest

DAY = [user(number) for number in range(3000)]


class Sealing:
    """What a sealer hands over, and the processes that look at it."""

    def __init__(self, manifest: Manifest, bundle: SealedBundle, table_path: Path, spool: Spool) -> None:
        self.manifest = manifest
        self._bundle = bundle
        self._table_path = table_path
        self._spool = spool

    def prove(self, **changes: Any) -> None:
        """Recomputes against the manifest with other values in it."""
        recompute(replace(self.manifest, **changes), self._bundle, self._table_path, self._spool)


@pytest.fixture(params=["full", "delta"])
def sealing(request: pytest.FixtureRequest, host: Host, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sealing]:
    """A bundle in the moment in which it is proved; the second is a delta with changes and tombstones."""
    caught: list[Sealing] = []

    def catch(manifest: Manifest, bundle: SealedBundle, table_path: Path, spool: Spool) -> None:
        caught.append(Sealing(manifest, bundle, table_path, spool))
        request.addfinalizer(monkeypatch.undo)
        raise StopTest

    if request.param == "delta":
        host.seal(DAY)
    with Spool(host.folder / "spool", 2) as spool:
        spool.submit(_spooled, [*DAY[5:], user(1, "Rome"), user(7000)]).result()
        monkeypatch.setattr(vault.sealing.sealer, "recompute", catch)
        with pytest.raises(StopTest):
            host.sealer().seal(spool, host.reading(), host.rules(), full=False)
        assert caught[0].manifest.kind == request.param
        yield caught[0]


class StopTest(Exception):
    """Ends a sealing where the test goes on."""


def _spooled(writer: Any, records: Any) -> None:
    writer.add(records, 1)


def test_a_true_manifest_is_proved(sealing: Sealing) -> None:
    """Else every night would fail."""
    sealing.prove()


def test_each_false_statement_is_found(sealing: Sealing) -> None:
    """Once signed and locked, a false manifest can only be deplored."""
    manifest = sealing.manifest
    for changes in (
        {"state_root": bytes(32)},
        {"state_count": manifest.state_count + 1},
        {"bundle": manifest.bundle._replace(sha256="0" * 64)},
        {"sequence": manifest.sequence + 1},
        {"epoch": manifest.epoch + 1},
    ):
        with pytest.raises(SealMismatchError):
            sealing.prove(**changes)


@pytest.mark.parametrize("sealing", ["delta"], indirect=True)
def test_a_tombstone_for_what_the_full_lacks_is_found(sealing: Sealing, monkeypatch: pytest.MonkeyPatch) -> None:
    """A delta that removes what was never there describes another full."""
    opened = vault.sealing.recomputation._opened

    def with_one_more(manifest: Manifest, sealed: SealedBundle) -> Bundle:
        bundle = opened(manifest, sealed)
        bundle.tombstones = [*bundle.tombstones, user(9000).key]
        return bundle

    monkeypatch.setattr(vault.sealing.recomputation, "_opened", with_one_more)
    with pytest.raises(SealMismatchError, match="tombstone"):
        sealing.prove()
