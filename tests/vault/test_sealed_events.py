"""Sealing events: one commit with the snapshot, proved before it leaves, kept by a class of its own."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

import vault.sealing.event_sealer
from tests.vault.event_host import STREAM, event, flip, seal_with_events, seen_digest
from tests.vault.host import Host, user
from vault.errors import SealMismatchError
from vault.ledger.head import Head
from vault.ledger.ledger import Ledger
from vault.mirror import mirror
from vault.sealing.bundle import BundlePlan, SealedBundle, seal_events
from vault.spooling.spool import Spool
from vault.spooling.spool_run import Run
from verify.archive import Archive
from verify.ceremony import Ceremony, Request
from verify.errors import MalformedError
from verify.events_statement import EventsStatement
from verify.manifest import Manifest
from verify.store import DirectoryReader

HOUR = timedelta(hours=1)


def opened(host: Host, folder: Path | None = None) -> Archive:
    """The archive, or a copy of it."""
    return Archive.open(DirectoryReader(folder or host.archive), host.chain.newest.fingerprint)


def word_of(host: Host, folder: Path | None = None) -> str:
    """The verdict over everything."""
    request = Request(host.chain.newest.fingerprint, 1, host.now, "all", [host.identity])
    return Ceremony(DirectoryReader(folder or host.archive), request).outcome().verdict.word


def test_events_are_committed_with_their_snapshot_and_stand_before_it(host: Host) -> None:
    """One rename makes both happen; the manifest comes last, since what is carried forward lies behind it."""
    sealed = seal_with_events(host, [event("e1", host.now - HOUR)])
    kinds = [type(one) for one in opened(host).sealed()]
    assert kinds == [Manifest, EventsStatement]
    assert sealed.events is not None and sealed.events.streams[STREAM].events == 1
    assert word_of(host) == "PASS"


def test_many_events_make_many_blocks_in_order(host: Host) -> None:
    """Events go through the spool as records do, whatever the order in which they come."""
    many = [event(f"{number:05}", host.now - HOUR, "x" * 900) for number in range(3000)]
    seal_with_events(host, many[::-1])
    (statement,) = opened(host).events()
    bundle = opened(host).open_events(statement, [host.identity])
    assert len(bundle.table) > 2 and [key for page in bundle.pages() for key in page.keys] == [one.key for one in many]
    assert word_of(host) == "PASS"


def test_each_bundle_of_events_has_a_secret_of_its_own(host: Host) -> None:
    """Salts of one day must say nothing of another's events, nor of the snapshots'."""
    for day in range(3):
        seal_with_events(host, [event(f"e{day}", host.now - HOUR)])
    archive = opened(host)
    secrets = {archive.open_events(one, [host.identity]).epoch_secret for one in archive.events()}
    assert len(secrets) == 3
    assert archive.open_snapshot(archive.manifest(1), [host.identity]).full.epoch_secret not in secrets


def test_a_bit_that_flips_between_sealing_and_signing_is_found_and_nothing_is_committed(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The double computation holds for events too: once signed, logged and locked it could only be deplored."""

    def damaged(spool: Spool, runs: tuple[Run, ...], plan: BundlePlan, folder: Path) -> SealedBundle:
        sealed = seal_events(spool, runs, plan, folder)
        sealed.path.write_bytes(flip(sealed.path.read_bytes()))
        return sealed

    seal_with_events(host, [event("e1", host.now - HOUR)])
    before = host.ledger.head
    monkeypatch.setattr(vault.sealing.event_sealer, "seal_events", damaged)
    with pytest.raises(SealMismatchError):
        seal_with_events(host, [event("e2", host.now - HOUR)])
    ledger = Ledger(host.folder / "ledger", before.archive_id)
    assert ledger.head == before and ledger.commits() == []
    assert ledger.head.events is not None and ledger.head.events.sequence == 1
    assert word_of(host) == "PASS"


def test_events_are_kept_as_long_as_their_own_class_says_and_their_proof_with_them(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that may be deleted before its bundle would leave bytes that nobody can prove."""
    monkeypatch.setattr(Host, "deliver", lambda self: None)
    seal_with_events(host, [event("e1", host.now - HOUR)], events_retention_days=3000)
    puts = json.loads((host.ledger.commits()[-1].folder / "puts.json").read_bytes())["puts"]
    until = {put["name"].split("/")[0]: put["retain_until"] for put in puts if put["name"].startswith("log/")}
    (bundle, *_) = (put["retain_until"] for put in puts if put["file"] == "events-bundle")
    assert until["log"] >= bundle > max(put["retain_until"] for put in puts if put["file"] == "bundle")


def test_the_head_remembers_how_far_each_log_is_known(host: Host) -> None:
    """The next process goes on from what lies on disk, and a snapshot without events leaves that as it is."""
    seal_with_events(host, [event("e1", host.now - HOUR)])
    host.seal([user(1)])
    events = Ledger(host.folder / "ledger", host.ledger.head.archive_id).head.events
    assert events is not None and events.streams[STREAM].seen_sha256 == seen_digest()
    assert host.ledger.seen_path(STREAM).read_bytes() == b"seen" * 6


def test_a_head_of_a_host_that_never_read_a_log_is_read() -> None:
    """Logs came to archives that were founded without them."""
    document = json.loads(Head("00" * 16).to_json())
    del document["events"]
    assert Head.from_json(json.dumps(document).encode()).events is None


def test_a_mirror_holds_the_events_and_verifies(host: Host, tmp_path: Path) -> None:
    """A copy without the logs would be one that can't say who did it."""
    for day in range(3):
        seal_with_events(host, [event(f"e{day}", host.now - HOUR)])
    mirrored = mirror(opened(host), tmp_path / "copy", since=1, now=host.now)
    assert mirrored.missing == []
    assert word_of(host, tmp_path / "copy") == "PASS"


def test_a_mirror_from_a_snapshot_on_holds_the_events_since_the_one_before_it(host: Host, tmp_path: Path) -> None:
    """What was sealed with a snapshot belongs to it."""
    for day in range(3):
        seal_with_events(host, [event(f"e{day}", host.now - HOUR)])
    mirror(opened(host), tmp_path / "copy", since=3, now=host.now)
    held = {file.stem for file in (tmp_path / "copy" / "bundles").rglob("*.age")}
    assert [one.sequence for one in opened(host).events() if one.bundle.sha256 in held] == [3]


def test_a_bundle_of_events_does_not_pass_for_a_snapshot(host: Host) -> None:
    """Meaning is authenticated: the footer says what a bundle is."""
    seal_with_events(host, [event("e1", host.now - HOUR)])
    archive = opened(host)
    (statement,) = archive.events()
    manifest = archive.manifest(1)
    exchanged = Manifest(**{**vars(manifest), "bundle": statement.bundle})
    with pytest.raises(MalformedError, match="kind"):
        archive.open_snapshot(exchanged, [host.identity])
