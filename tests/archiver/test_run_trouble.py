"""Whole runs when something goes wrong in their middle: each ends by itself, says what it was, and loses nothing."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.errors import StateFormatError
from archiver.graph.errors import CredentialRefusedError, PermissionMissingError
from archiver.graph.patience import Patience
from archiver.run import archive_run
from archiver.run_error import RunError
from archiver.run_result import RunResult
from archiver.state.state_folder import StateFolder
from config.loading import load_settings
from recovery.rehearsal.population.permissions import READ_ROLES
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from tests.archiver.place import Place, now
from tests.archiver.revocation import revoke_sealer
from vault.errors import ClockRefusedError, ForkRefusedError, SpoolError
from verify.errors import RefusedError

SHORT = Patience(attempts=4, first_wait_seconds=0.1, longest_wait_seconds=0.2, silence_seconds=1.0, probe_seconds=1.0)
BOUND_SECONDS = 20.0


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTenant]:
    """A tenant of 30 users; tests put back what they change."""
    with simulated_tenant(tmp_path_factory.mktemp("tenant"), users=30) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, tenant: RunningTenant) -> Place:
    """A new archive of the tenant."""
    return Place(tmp_path, tenant)


def attempt(
    place: Place, clock: Callable[[], datetime] = now, say: Callable[[str], None] = lambda _: None
) -> RunResult:
    """A run in this process, whatever comes of it."""
    return archive_run(load_settings(place.settings_file, {}), clock, say=say, patience=SHORT)


def state_of(place: Place) -> StateFolder:
    """The state of the archive's host."""
    return StateFolder(place.settings_file.parent / "state")


def error_of(place: Place) -> RunError:
    """Why the last run failed."""
    error = state_of(place).history()[-1].error
    assert error is not None
    return error


def types_in(place: Place) -> list[str]:
    """The types of the log's statements in the store, newest first, but those about events beside a snapshot."""
    return [statement.type for _, statement in place.opened().statements() if statement.type != "events"]


def test_a_graph_that_is_killed_in_mid_run_leaves_a_snapshot_of_what_was_read(tmp_path: Path) -> None:
    """Not for hours, and not as if the rest did not exist."""
    with simulated_tenant(tmp_path / "tenant", users=30) as tenant:
        place = Place(tmp_path, tenant)
        place.run()
        # The plain lists come at once, and the passes that expand relations find nobody any more.
        tenant.set_faults({"rules": [{"match": "expand", "fault": "slow", "times": 100}], "slow_seconds": 10})
        killed: list[float] = []
        before = tenant.stats()["graph_requests"]

        def kill() -> None:
            while tenant.stats()["graph_requests"] < before + 40:
                time.sleep(0.02)
            os.kill(tenant.process_id, signal.SIGKILL)
            killed.append(time.monotonic())

        threading.Thread(target=kill).start()
        result = attempt(place)
        assert time.monotonic() - killed[0] < BOUND_SECONDS
    assert (result.document["outcome"], result.exit_status) == ("gaps", 3)
    assert {gap["reason"] for gap in result.document["gaps"]} == {"unreachable"}
    assert place.verdict(1) == "PASS"


def test_a_tenant_in_which_everything_is_forbidden_is_no_snapshot(place: Place, tenant: RunningTenant) -> None:
    """Somebody took the application's permissions away: a snapshot of gaps would stand for the tenant."""
    place.run()
    tenant.set_roles([])
    try:
        with pytest.raises(PermissionMissingError, match=r"not one of [0-9]+ collections") as caught:
            attempt(place)
    finally:
        tenant.set_roles(READ_ROLES)
    assert caught.value.exit_status == 12
    assert types_in(place) == ["run", "manifest", "canary"]
    assert attempt(place).exit_status == 0


def test_a_certificate_that_vanishes_in_mid_run_is_a_refused_credential(place: Place, tenant: RunningTenant) -> None:
    """Graph wants a new token, and there is nothing to ask for one with."""
    own = place.settings_file.parent / "keys" / "own.pem"
    own.write_bytes(tenant.certificate_file.read_bytes())
    own.chmod(0o600)
    text = place.settings_file.read_text(encoding="utf-8")
    place.settings_file.write_text(text.replace(str(tenant.certificate_file), str(own)), encoding="utf-8")
    tenant.set_token_lifetime(1)
    tenant.set_faults({"rates": {"slow": 1.0}, "slow_seconds": 0.3})
    try:
        with pytest.raises(CredentialRefusedError, match="No such file") as caught:
            attempt(place, say=lambda line: own.unlink() if line.startswith("reading") else None)
    finally:
        tenant.set_token_lifetime(3600)
        tenant.set_faults(None)
    assert caught.value.exit_status == 11
    assert error_of(place).name == "CredentialRefusedError"


def test_a_revoked_sealer_is_refused_before_anything_is_read(place: Place, tenant: RunningTenant) -> None:
    """Its signature counts for nothing; hours of reading would end in a refusal all the same."""
    host = place.settings_file.parent
    revoke_sealer(host, host.parent / "offline")
    before = tenant.stats()["graph_requests"]
    with pytest.raises(RefusedError, match=r"revokes the sealer key .*: the host was stolen") as caught:
        attempt(place)
    assert caught.value.exit_status == 4
    assert tenant.stats()["graph_requests"] == before
    assert not place.archive.exists() or not any(place.archive.iterdir())


@pytest.mark.parametrize("moment", ["reading", "sealing"])
def test_an_interrupted_run_is_signed_for_and_the_next_one_is_whole(place: Place, moment: str) -> None:
    """Somebody pressed Ctrl-C, or the service was stopped."""

    def interrupt(line: str) -> None:
        if line.startswith(moment):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt(place, say=interrupt)
    last = state_of(place).history()[-1]
    assert (last.outcome, error_of(place)[:2]) == ("failed", ("Interrupted", 130))
    assert types_in(place) == ["run", "canary"]
    assert attempt(place).document["sequence"] == 1
    assert place.verdict(1) == "PASS"


def test_a_run_that_is_interrupted_while_it_puts_loses_nothing(place: Place) -> None:
    """The snapshot is committed; the next run puts it first."""

    def interrupt(line: str) -> None:
        if line == "putting":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt(place, say=interrupt)
    assert error_of(place).name == "Interrupted"
    assert attempt(place).document["sequence"] == 2
    assert types_in(place) == ["manifest", "manifest", "canary"]
    assert place.verdict(1) == "PASS"


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (timedelta(hours=-1), "set back"),
        (timedelta(days=-2), "set back"),
        (timedelta(days=1095), "1,095 days ahead of Graph's"),
    ],
    ids=["an hour back", "two days back", "three years ahead"],
)
def test_a_snapshot_by_a_wrong_clock_is_sealed_and_said(
    tmp_path: Path, tenant: RunningTenant, offset: timedelta, words: str
) -> None:
    """A host with a wrong clock still has the tenant; a date that misleads must not pass in silence."""
    place = Place(tmp_path, tenant, lambda: now() - timedelta(days=9))
    place.run()
    place.run()
    result = attempt(place, clock=lambda: now() + offset)
    alarms = [alarm for alarm in result.document["alarms"] if alarm["kind"] == "clock"]
    assert any(words in alarm["detail"] for alarm in alarms)
    assert state_of(place).history()[-1].document["alarms"] == result.document["alarms"]
    right = attempt(place)
    told = [alarm["detail"] for alarm in right.document["alarms"]]
    assert ([detail for detail in told if "set back" in detail] != []) is (offset > timedelta(0))
    assert attempt(place).document["alarms"] == []
    assert place.verdict(1) == "PASS"


@pytest.mark.parametrize("year", [1, 9999])
def test_a_clock_that_nothing_can_be_signed_at_is_refused_before_anything_is_read(place: Place, year: int) -> None:
    """Exit 4, as for a clock before the archive was founded, and no defect; nothing comes of it."""
    said: list[str] = []
    with pytest.raises(ClockRefusedError, match=f"clock says {year:04}-") as caught:
        attempt(place, clock=lambda: datetime(year, 1 if year == 1 else 12, 30, tzinfo=UTC), say=said.append)
    assert caught.value.exit_status == 4 and error_of(place).name == "ClockRefusedError"
    assert not any(line.startswith("reading ") for line in said) and types_in(place) == ["canary"]
    assert attempt(place).document["sequence"] == 1


def test_a_run_whose_clock_is_set_back_meanwhile_ends_after_it_began(tmp_path: Path, tenant: RunningTenant) -> None:
    """NTP may correct a clock at any moment."""
    place = Place(tmp_path, tenant, lambda: now() - timedelta(days=9))
    times = iter([now(), *(now() - timedelta(hours=1) for _ in range(20))])
    last = now() - timedelta(hours=1)
    attempt(place, clock=lambda: next(times, last))
    run = state_of(place).history()[-1]
    assert run.taken_at is not None and run.started_at <= run.taken_at <= run.ended_at
    assert place.verdict(1) == "PASS"


def test_a_collection_that_shrank_is_said(tmp_path: Path) -> None:
    """Somebody is deleting the tenant."""
    with simulated_tenant(tmp_path / "tenant", users=30) as tenant:
        place = Place(tmp_path, tenant)
        place.run()
        tenant.attack([{"op": "hard-delete", "collection": "devices", "where": "startswith(id,'')", "limit": 10}])
        (alarm,) = place.run()["alarms"]
        assert (alarm["kind"], alarm["subject"]) == ("drop", "devices")
        assert "in the last snapshot" in alarm["detail"]
        (alarm,) = place.run()["alarms"]
        assert "in the epoch's full" in alarm["detail"], "one quiet day does not bring them back"


def test_a_history_that_can_not_be_written_costs_no_snapshot(place: Place) -> None:
    """The disk was full when all was done."""
    place.run()
    history = state_of(place).folder / "runs.jsonl"
    content = history.read_bytes()

    def fill(line: str) -> None:
        if line == "putting":
            history.unlink()
            history.mkdir()

    result = attempt(place, say=fill)
    assert (result.exit_status, result.error, result.document["sequence"]) == (3, None, 2)
    alarms = result.document["alarms"]
    assert [(alarm["kind"], alarm["subject"]) for alarm in alarms] == [("state", "history")] * 2
    assert "compared with the last snapshot alone" in alarms[0]["detail"]
    alarm = alarms[1]
    assert "the snapshot is sealed" in alarm["detail"] and "See what lies there" in alarm["detail"]
    assert not state_of(place).begun_file.exists(), "it would be called a killed run"
    history.rmdir()
    history.write_bytes(content)
    assert types_in(place) == ["manifest", "manifest", "canary"]
    assert attempt(place).document["sequence"] == 3


@pytest.mark.parametrize("kind", ["FIFO", "folder"])
def test_a_history_that_takes_no_line_is_refused_before_anything_is_read(place: Place, kind: str) -> None:
    """Hours of reading must not end in a result that nobody gets."""
    place.run()
    history = state_of(place).runs_file
    history.unlink()
    os.mkfifo(history) if kind == "FIFO" else history.mkdir()
    said: list[str] = []
    with pytest.raises(SpoolError, match=r"the state in .* can't be written") as caught:
        attempt(place, say=said.append)
    assert caught.value.exit_status == 23 and "See what lies there" in caught.value.next_step
    assert not any(line.startswith("reading ") for line in said)
    assert not state_of(place).begun_file.exists() and types_in(place) == ["manifest", "canary"]


@pytest.mark.parametrize("name", ["lock", "ledger", "spool"])
def test_a_state_that_can_not_be_written_is_an_error_with_a_name(place: Place, name: str) -> None:
    """A folder of another account, or a file system that is mounted read-only."""
    place.run()
    target = state_of(place).folder / name
    aside = target.with_name("aside")
    if target.exists():
        target.rename(aside)
    if name == "lock":
        target.mkdir()
    else:
        target.write_bytes(b"")
    with pytest.raises(SpoolError) as caught:
        attempt(place)
    assert (caught.value.exit_status, str(state_of(place).folder) in caught.value.message) == (23, True)
    target.rmdir() if name == "lock" else target.unlink(missing_ok=True)
    if aside.exists():
        aside.rename(target)
    assert attempt(place).exit_status == 0
    assert place.verdict(1) == "PASS"


@pytest.mark.parametrize("kind", ["head of an earlier version", "head of a later version", "later format"])
def test_a_state_of_another_version_is_said_to_be_that(place: Place, kind: str) -> None:
    """And not to be damaged, or forged: an operator who believes that throws a good archive away."""
    place.run()
    head = state_of(place).ledger / "head.json"
    content = json.loads(head.read_bytes())
    file = state_of(place).folder / "format"
    file.write_text("2\n") if kind == "later format" else file.unlink()
    if kind == "later format":
        pass
    elif kind == "head of a later version":
        head.write_text(json.dumps({**content, "witnessed": 7}))
    else:
        head.write_text(json.dumps({name: content[name] for name in content if name != "full"}))
    before = head.read_bytes()
    with pytest.raises(StateFormatError, match="version") as caught:
        attempt(place)
    assert caught.value.exit_status == 4
    assert head.read_bytes() == before and types_in(place) == ["manifest", "canary"]


def test_a_fifo_in_the_place_of_the_epoch_table_costs_a_full_and_no_wait(place: Place) -> None:
    """Whatever lies there is no table; a new full is always right."""
    place.run()
    table = state_of(place).ledger / "table-1"
    table.unlink()
    os.mkfifo(table)
    assert place.run()["why_full"] == "the epoch table is lost"
    assert place.run()["kind"] == "delta"


@pytest.mark.parametrize("name", ["archive_id", "log_root", "full", "sequence"])
def test_a_bit_flipped_in_the_name_of_a_member_is_damage_and_no_other_version(place: Place, name: str) -> None:
    """Told that nothing is damaged, an operator looks for another version and not for his disk."""
    place.run()
    head = state_of(place).ledger / "head.json"
    head.write_bytes(head.read_bytes().replace(f'"{name}"'.encode(), f'"{chr(ord(name[0]) ^ 1)}{name[1:]}"'.encode()))
    with pytest.raises(ForkRefusedError, match="the ledger's head is damaged") as caught:
        attempt(place)
    assert type(caught.value) is ForkRefusedError


def test_a_state_without_a_format_gets_one(place: Place) -> None:
    """What the head says decides then."""
    file = state_of(place).folder / "format"
    assert file.read_text() == "1\n", "init opens the state once"
    file.unlink()
    assert attempt(place).exit_status == 0
    assert file.read_text() == "1\n"


@pytest.mark.parametrize("content", [b"", b"\0\0", b"x", b"-1\n", b"1" * 20], ids=range(5))
def test_a_format_that_is_no_number_is_not_taken_for_this_one(place: Place, content: bytes) -> None:
    """A later version may write more than a number there."""
    file = state_of(place).folder / "format"
    file.write_bytes(content)
    with pytest.raises(StateFormatError, match="format holds no number") as caught:
        attempt(place)
    assert caught.value.exit_status == 4 and "remove that file" in caught.value.next_step
    assert file.read_bytes() == content and not place.archive.exists()
