"""`status`: freshness, lag and alarms, as an operator and a monitor read them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.founding import Founded
from archiver.state.ledger_view import LedgerView, view_of
from archiver.state.run_record import RunRecord
from archiver.state.state_folder import StateFolder
from archiver.status import Status, status_of
from config.loading import load_settings
from config.settings import Settings
from strongroom.commands.status import lines_of
from tests.front.golden import assert_golden
from tests.front.outcome import Call
from vault.ledger.ledger import Ledger
from verify.strict_json import text_of_time

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NOTHING_WAITS = LedgerView(None, ())


def record_of(document: dict[str, Any]) -> RunRecord:
    return RunRecord.from_json(json.dumps(document).encode())


def sealed(hours_ago: float, **more: Any) -> RunRecord:
    ended_at = NOW - timedelta(hours=hours_ago)
    document = {
        "outcome": "complete",
        "sequence": 7,
        "kind": "delta",
        "state_count": 4711,
        "seconds": 61.5,
        "gaps": [],
        "stores": [{"name": "vault", "outcome": "acknowledged", "error": None}],
        "started_at": text_of_time(ended_at - timedelta(minutes=1)),
        "ended_at": text_of_time(ended_at),
        "alarms": [],
        "error": None,
        **more,
    }
    return record_of(document)


def gap_in_users(reason: str) -> dict[str, Any]:
    return {"collection": "users", "relation": None, "id": None, "reason": reason, "detail": "why"}


def failed(hours_ago: float) -> RunRecord:
    error = {"class": "GraphUnreachableError", "code": 13, "message": "no answer from Graph"}
    ended_at = text_of_time(NOW - timedelta(hours=hours_ago))
    document = {"outcome": "failed", "started_at": ended_at, "ended_at": ended_at, "alarms": [], "error": error}
    return record_of(document)


@pytest.fixture
def settings(founded: Founded) -> Settings:
    """Settings of a daily archive with one store."""
    return load_settings(founded.files["settings"], {})


def kinds_of(status: Status) -> list[str]:
    return [alarm.kind for alarm in status.alarms]


def test_a_snapshot_of_this_night_is_fresh(settings: Settings) -> None:
    """The quiet case: nothing to say, exit 0."""
    status = status_of(settings, [sealed(6)], NOTHING_WAITS, None, NOW)
    assert status.fresh and kinds_of(status) == []
    assert status.document["next"] == "2026-11-21T02:15:00Z"


@pytest.mark.parametrize(("hours", "fresh"), [(26, True), (26.01, False)])
def test_a_daily_archive_is_stale_after_26_hours(settings: Settings, hours: float, fresh: bool) -> None:
    """A day, and two hours for the run itself."""
    assert status_of(settings, [sealed(hours)], NOTHING_WAITS, None, NOW).fresh is fresh


def test_the_trust_roots_policy_is_stricter_if_it_says_so(settings: Settings) -> None:
    """The greatest age is a promise to auditors."""
    status = status_of(settings, [sealed(5)], NOTHING_WAITS, timedelta(hours=4), NOW)
    assert not status.fresh and kinds_of(status) == ["stale"]


def test_a_weekly_schedule_is_not_stale_every_day(settings: Settings) -> None:
    """An alarm that is always open is read by nobody."""
    schedule = settings.schedule.model_copy(update={"cron": "15 2 * * 0"})
    weekly = settings.model_copy(update={"schedule": schedule})
    assert status_of(weekly, [sealed(100)], NOTHING_WAITS, None, NOW).fresh


def test_an_empty_archive_is_not_fresh(settings: Settings) -> None:
    """Never green by absence."""
    status = status_of(settings, [], NOTHING_WAITS, None, NOW)
    assert not status.fresh and kinds_of(status) == ["stale"]


def test_a_failed_run_is_an_alarm_until_one_succeeds(settings: Settings) -> None:
    """Yesterday's snapshot is still fresh, and yet somebody should look."""
    broken = status_of(settings, [sealed(20), failed(6)], NOTHING_WAITS, None, NOW)
    assert broken.fresh and kinds_of(broken) == ["failed"] and "no answer from Graph" in broken.alarms[0].detail
    mended = status_of(settings, [sealed(20), failed(6), sealed(2)], NOTHING_WAITS, None, NOW)
    assert kinds_of(mended) == []


@pytest.mark.parametrize(
    ("hours", "fresh", "words"),
    [
        (-0.08, True, None),
        (-0.09, False, "in the future"),
        (-48, False, "in the future"),
        (-26_280, False, "in the future"),
        (26_280, False, "older than 26 hours"),
    ],
)
def test_a_snapshot_from_the_future_is_not_fresh_until_then(
    settings: Settings, hours: float, fresh: bool, words: str | None
) -> None:
    """This host's clock was ahead when it was taken, or is behind; either way nobody knows how old it is."""
    status = status_of(settings, [sealed(hours)], NOTHING_WAITS, None, NOW)
    assert status.fresh is fresh
    assert [alarm.kind for alarm in status.alarms] == ([] if words is None else ["stale"])
    assert words is None or words in status.alarms[0].detail


def test_a_wrong_clock_stays_an_alarm_until_a_snapshot_by_a_right_one(settings: Settings) -> None:
    """Its date is signed, and whoever looks for a day finds it there."""
    alarms = [{"kind": "clock", "subject": "taken_at", "detail": "this host's clock is 2 days ahead of Graph's"}]
    status = status_of(settings, [sealed(6, alarms=alarms)], NOTHING_WAITS, None, NOW)
    assert kinds_of(status) == ["clock"] and "NTP" in status.alarms[0].next_step
    assert kinds_of(status_of(settings, [sealed(6, alarms=alarms), sealed(5)], NOTHING_WAITS, None, NOW)) == []


def test_failed_runs_never_count_as_fresh(settings: Settings) -> None:
    """A run that sealed nothing leaves the tenant as old as it was."""
    assert not status_of(settings, [sealed(30), failed(6)], NOTHING_WAITS, None, NOW).fresh


def test_gaps_and_drops_of_the_last_snapshot_stay_open(settings: Settings) -> None:
    """A required collection that is missing is missing until a later snapshot has it."""
    alarms = [
        {"kind": "gap", "subject": "users", "detail": "required collection users has gaps"},
        {"kind": "drop", "subject": "groups", "detail": "groups shrank from 50 to 3 objects"},
    ]
    status = status_of(settings, [sealed(6, alarms=alarms), failed(2)], NOTHING_WAITS, None, NOW)
    assert kinds_of(status) == ["failed", "gap", "drop"]
    assert all(alarm.next_step for alarm in status.alarms)


@pytest.mark.parametrize(
    ("reasons", "words", "foreign"),
    [
        (["malformed-page"], ["changes answers"], "permission"),
        (["unreachable", "unreachable"], ["Check DNS"], "permission"),
        (["forbidden", "malformed-page"], ["doctor", "changes answers"], "Check DNS"),
        (["licence-missing"], ["get the licence"], "Check DNS"),
        (["interrupted"], ["See why in the gaps of that run"], "permission"),
        (["not-found"], ["See why in the gaps of that run"], "permission"),
    ],
)
def test_what_to_do_about_a_gap_fits_its_reason(
    settings: Settings, reasons: list[str], words: list[str], foreign: str
) -> None:
    """Who looks for a permission does not look for the proxy that changes answers."""
    alarms = [{"kind": "gap", "subject": "users", "detail": "required collection users has gaps"}]
    gaps = [*map(gap_in_users, reasons), {**gap_in_users("throttled-out"), "collection": "groups"}]
    status = status_of(settings, [sealed(6, outcome="gaps", gaps=gaps, alarms=alarms)], NOTHING_WAITS, None, NOW)
    (alarm,) = status.alarms
    assert all(alarm.next_step.count(word) == 1 for word in words)
    assert foreign not in alarm.next_step and "quota_share" not in alarm.next_step


def test_a_store_that_refused_the_snapshot_is_an_alarm(settings: Settings) -> None:
    """Other bytes under a name: somebody else writes there."""
    stores = [{"name": "vault", "outcome": "refused", "error": "other bytes lie there"}]
    assert kinds_of(status_of(settings, [sealed(6, stores=stores)], NOTHING_WAITS, None, NOW)) == ["store"]


def test_snapshots_that_wait_for_a_store_are_its_lag(settings: Settings, founded: Founded) -> None:
    """What is not in a store yet is lost with this host."""
    folder = settings.archive.state_dir / "ledger"
    ledger = Ledger(folder, founded.archive_id)
    for entry in (b"first", b"second"):
        staging = ledger.stage()
        staging.add(f"bundles/sha256/ab/{entry.hex()}.age", b"bundle", "2027-11-20T00:00:00Z")
        ledger.commit(staging, replace(ledger.head, log_size=ledger.head.log_size + 1), [entry])
    assert view_of(folder).lag_of("vault") == 2
    assert len(view_of(folder).waiting) == 3, "the canary's proof waits too, and is no snapshot"
    ledger.commits()[1].mark_done("vault")
    assert view_of(folder).lag_of("vault") == 1 and view_of(folder).lag_of("other") == 2
    status = status_of(settings, [sealed(6)], view_of(folder), None, NOW)
    assert kinds_of(status) == ["spooled"] and status.stores[0]["lag_snapshots"] == 1


def test_the_text_reads_as_agreed(settings: Settings) -> None:
    """Read at night, by somebody who has not read the manual."""
    alarms = [{"kind": "gap", "subject": "users", "detail": "required collection users has gaps"}]
    history = [
        sealed(30, sequence=6, kind="full"),
        sealed(6, outcome="gaps", gaps=[gap_in_users("forbidden")], alarms=alarms),
        failed(1),
    ]
    status = status_of(settings, history, NOTHING_WAITS, None, NOW)
    assert_golden("status.txt", "\n".join(lines_of(status, None, 4242)) + "\n")


def test_the_command_reports_and_exits_3_for_an_empty_archive(call: Call, founded: Founded) -> None:
    """A monitor watches the exit status; a fresh archive without an alarm is 0."""
    settings = str(founded.files["settings"])
    done = call("status", "--config", settings, "--json")
    assert done.status == 3
    assert done.document["fresh"] is False
    assert done.document["stores"] == [{"name": "vault", "lag_snapshots": 0, "last_observed_at": None}]
    state = StateFolder(Path(settings).parent / "state")
    with state.locked():
        state.remember({**sealed(0).document, "ended_at": text_of_time(datetime.now(UTC))})
    assert call("status", "--config", settings).status == 0


def test_the_command_sees_the_run_and_the_service_without_touching_their_locks(call: Call, founded: Founded) -> None:
    """A monitor that asks at a quarter past two must not make the run fail."""
    settings = str(founded.files["settings"])
    state = StateFolder(Path(settings).parent / "state")
    quiet = call("status", "--config", settings, "--json").document
    assert (quiet["running"], quiet["service"]) == (None, None)
    with state.locked(), state.served():
        busy = call("status", "--config", settings, "--json").document
    assert busy["running"] == busy["service"] is not None
    gone = call("status", "--config", settings, "--json").document
    assert (gone["running"], gone["service"]) == (None, None)


def test_damaged_lines_of_the_history_are_counted_and_left_out(call: Call, founded: Founded) -> None:
    """A power cut left zeros and half a line; what is known is still shown."""
    settings = str(founded.files["settings"])
    state = StateFolder(Path(settings).parent / "state")
    with state.locked():
        state.remember({**sealed(0).document, "ended_at": text_of_time(datetime.now(UTC))})
    history = state.folder / "runs.jsonl"
    history.write_bytes(b"\0" * 4096 + b"\n" + b'{"outcome":\n' + history.read_bytes())
    done = call("status", "--config", settings, "--json")
    assert (done.status, done.document["damaged_runs"], len(done.document["runs"])) == (0, 2, 1)
    assert "2 damaged lines" in call("status", "--config", settings).out


def test_a_state_that_can_not_be_read_is_an_error_with_a_name(call: Call, founded: Founded) -> None:
    """23, and what to do about it."""
    settings = str(founded.files["settings"])
    (Path(settings).parent / "state" / "runs.jsonl").mkdir()
    done = call("status", "--config", settings, "--json")
    assert done.status == 23 and "can't be read" in done.error["message"]


def test_a_state_of_another_version_is_said_to_be_that(call: Call, founded: Founded) -> None:
    """Reading on would show nonsense, or call it damaged."""
    settings = str(founded.files["settings"])
    (Path(settings).parent / "state" / "format").write_text("2\n")
    done = call("status", "--config", settings, "--json")
    assert (done.status, done.error["class"]) == (4, "StateFormatError")


def test_a_format_that_is_no_number_is_refused(call: Call, founded: Founded) -> None:
    """Taken for this version's, the rest would be misread without a word."""
    settings = str(founded.files["settings"])
    (Path(settings).parent / "state" / "format").write_bytes(b"")
    done = call("status", "--config", settings, "--json")
    assert (done.status, done.error["class"]) == (4, "StateFormatError")
    assert "remove that file" in done.error["next_step"]


@pytest.mark.parametrize(
    "cut", [lambda _: b"{}", lambda _: b"", lambda head: head[:-40], lambda _: b"null"], ids=range(4)
)
def test_a_damaged_head_is_an_alarm_in_the_words_of_the_refusal(
    call: Call, founded: Founded, cut: Callable[[bytes], bytes]
) -> None:
    """Whoever asks how the archive stands gets the history too, and no lag that nobody knows."""
    settings = str(founded.files["settings"])
    state = StateFolder(Path(settings).parent / "state")
    with state.locked():
        state.remember({**sealed(0).document, "ended_at": text_of_time(datetime.now(UTC))})
    head = state.ledger / "head.json"
    head.write_bytes(cut(head.read_bytes()))
    shown = call("status", "--config", settings, "--json")
    text = call("status", "--config", settings)
    refused = call("run", "--config", settings, "--json")
    assert (refused.status, refused.error["class"]) == (4, "ForkRefusedError")
    (alarm,) = shown.document["alarms"]
    assert (shown.status, alarm["kind"], len(shown.document["runs"])) == (3, "state", 1)
    assert refused.error["message"] in alarm["detail"] and alarm["next_step"] == refused.error["next_step"]
    assert [store["lag_snapshots"] for store in shown.document["stores"]] == [None]
    assert text.status == 3 and "what waits for it is not known" in text.out


def test_a_name_from_the_history_can_not_forge_a_line(call: Call, founded: Founded) -> None:
    """Error messages quote what servers and tenants say."""
    settings = str(founded.files["settings"])
    state = StateFolder(Path(settings).parent / "state")
    line = dict(failed(0).document)
    line["error"]["message"] = "x\nfresh    yes\x1b[2J"
    with state.locked():
        state.remember(line)
    done = call("status", "--config", settings)
    assert "\nfresh    yes" not in done.out and "\x1b" not in done.out


def test_html_is_not_in_this_version(call: Call, founded: Founded, tmp_path: Path) -> None:
    """A page that nobody wrote must not be promised by an option that is ignored."""
    done = call("status", "--html", tmp_path / "x.html", "--json", "--config", str(founded.files["settings"]))
    assert done.status == 2 and json.loads(done.out)["error"]["class"] == "UsageError"


@pytest.mark.parametrize("state", ["lost", "of an older day"])
def test_a_state_that_is_behind_its_store_is_never_green(
    call: Call, archiving: Founded, tmp_path: Path, state: str
) -> None:
    """The next run is refused; what that run would say is said before it, and no run is advised."""
    settings = Path(str(archiving.files["settings"]))
    folder = settings.parent / "state"
    assert call("run", "--config", settings).status == 0
    shutil.copytree(folder, tmp_path / "older")
    assert call("run", "--config", settings).status == 0
    shutil.rmtree(folder)
    if state == "of an older day":
        shutil.copytree(tmp_path / "older", folder)
    shown = [call("status", "--config", settings, "--json")]
    refused = call("run", "--config", settings, "--json")
    assert (refused.status, refused.error["class"]) == (4, "ForkRefusedError")
    shown.append(call("status", "--config", settings, "--json"))
    for one in shown:
        alarms = one.document["alarms"]
        assert one.status == 3 and alarms[0]["kind"] == "state"
        assert refused.error["message"] in alarms[0]["detail"] and alarms[0]["next_step"] == refused.error["next_step"]
        assert not [alarm for alarm in alarms if "Run `strongroom run`" in alarm["next_step"]]
    assert shown[1].document["runs"][0]["error"]["class"] == "ForkRefusedError"
