"""Logs of the tenant, over runs: read on exactly where the last one ended, sealed once, and never a silent hole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.doctor.check import WARN
from archiver.doctor.choice_checks import choice_checks
from archiver.doctor.patient import Patient
from archiver.events import log_reading
from archiver.run_result import RunResult
from config.loading import load_settings
from tests.archiver.log_place import DAY_ONE, LogPlace, log_place
from verify.strict_json import text_of_time

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AUDITS, PRINCIPALS = "directoryAudits", "servicePrincipalSignIns"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[LogPlace]:
    """A new archive of a tenant whose audit log holds ten events of the last 28 hours."""
    with log_place(tmp_path) as made:
        for number in range(10):
            made.logs.add(AUDITS, f"a{number}", DAY_ONE - HOUR - number * 3 * HOUR)
        yield made


def kinds_of(result: RunResult) -> set[tuple[str, str]]:
    """Kind and subject of a run's alarms, but for that of the clock, which tests set."""
    return {(alarm["kind"], alarm["subject"]) for alarm in result.document["alarms"] if alarm["kind"] != "clock"}


def test_the_first_run_seals_all_that_graph_still_has(place: LogPlace) -> None:
    """Graph forgets after 30 days: what the first run does not take is lost."""
    events = place.run(DAY_ONE)["events"]
    assert events["streams"][AUDITS] == {"from": None, "until": text_of_time(DAY_ONE), "events": 10}
    assert place.logs.asked[0] == f"{AUDITS}: activityDateTime le {text_of_time(DAY_ONE)}"
    assert place.ids() == sorted(f"a{number}" for number in range(10))
    assert place.verdict().word == "PASS"


def test_a_run_goes_on_where_the_last_one_ended(place: LogPlace) -> None:
    """It asks for a day before the newest event that it met, drops what was sealed, and seals the rest once."""
    place.run(DAY_ONE)
    place.logs.asked.clear()
    place.logs.add(AUDITS, "b1", DAY_ONE + 5 * HOUR)
    events = place.run(DAY_ONE + DAY)["events"]
    assert events["streams"][AUDITS] == {
        "from": text_of_time(DAY_ONE), "until": text_of_time(DAY_ONE + DAY), "events": 1
    }  # fmt: skip
    asked = f"{AUDITS}: activityDateTime ge {text_of_time(DAY_ONE - HOUR - DAY)} and activityDateTime le"
    assert [one.startswith(asked) for one in place.logs.asked if one.startswith(AUDITS)].count(False) == 0
    assert place.sealed() == sorted([*(f"a{number}" for number in range(10)), "b1"])
    assert place.verdict().word == "PASS"


def test_an_event_that_arrives_late_is_sealed_by_a_later_run(place: LogPlace) -> None:
    """What happened before the last run and shows after it is in no reading that goes by time alone."""
    place.logs.add(AUDITS, "late", DAY_ONE - 10 * HOUR, late=11 * HOUR)
    place.run(DAY_ONE)
    assert "late" not in place.ids()
    events = place.run(DAY_ONE + DAY)["events"]
    assert events["streams"][AUDITS]["events"] == 1
    assert "late" in place.ids()


def test_events_that_graph_holds_back_for_days_are_not_missed(place: LogPlace) -> None:
    """Where Graph itself falls behind, nothing comes for days, and then everything, dated days ago."""
    place.run(DAY_ONE)
    for number in range(4):
        place.logs.add(AUDITS, f"held{number}", DAY_ONE + number * 6 * HOUR, late=4 * DAY)
    for day in range(1, 7):
        place.run(DAY_ONE + day * DAY)
    assert set(place.ids()) >= {f"held{number}" for number in range(4)}
    assert len(place.sealed()) == 14


def test_events_of_one_instant_are_all_sealed(place: LogPlace) -> None:
    """A bulk change makes hundreds in one second; a border between two runs may fall into it."""
    at = DAY_ONE + 12 * HOUR
    for number in range(8):
        place.logs.add(AUDITS, f"same{number}", at, late=timedelta(seconds=number % 2))
    place.run(at)
    place.run(at + HOUR)
    assert [id_ for id_ in place.sealed() if id_.startswith("same")] == [f"same{number}" for number in range(8)]


def test_events_at_the_edge_of_the_overlap_are_not_sealed_twice(place: LogPlace) -> None:
    """The question names whole seconds: what is remembered begins with the same second, and not within it."""
    at = DAY_ONE + DAY + timedelta(microseconds=600_000)
    place.logs.add(AUDITS, "edge", at - DAY - timedelta(microseconds=300_000))
    place.logs.add(AUDITS, "newest", at)
    place.run(at + HOUR)
    assert place.run(at + 2 * HOUR)["events"] is None
    assert [one.sequence for one in place.opened().events()] == [1]
    assert {"edge", "newest"} <= set(place.sealed())


def test_a_run_that_meets_nothing_new_signs_nothing(place: LogPlace) -> None:
    """A pulse an hour would fill the log with statements about nothing."""
    place.run(DAY_ONE)
    assert place.run(DAY_ONE + DAY)["events"] is None
    assert [one.sequence for one in place.opened().events()] == [1]


def test_silence_is_said_after_some_days(place: LogPlace) -> None:
    """Read daily, a log in which nothing happens must not look as if nobody had read it for a month."""
    place.run(DAY_ONE)
    said = [place.run(DAY_ONE + day * DAY)["events"] is not None for day in range(1, 40)]
    assert 5 <= said.count(True) <= 7
    assert all(not statement.gaps for statement in place.opened().events())


def test_a_hole_is_a_signed_gap_that_says_from_when_to_when(place: LogPlace) -> None:
    """What Graph has let go of is lost; that must not be shown as a month in which nothing happened."""
    place.run(DAY_ONE)
    late = DAY_ONE + 45 * DAY
    place.logs.add(AUDITS, "c1", late - 20 * DAY)
    result = place.attempt(late)
    (gap,) = result.document["events"]["gaps"][:1]
    assert gap["stream"] == AUDITS
    assert (gap["from"], gap["until"]) == (text_of_time(DAY_ONE), text_of_time(late - 20 * DAY))
    assert gap["reason"] == "no-longer-kept"
    assert result.exit_status == 3 and ("gap", AUDITS) in kinds_of(result)
    assert place.run(late + DAY)["gaps"] == []
    assert place.verdict(now=late).word == "PASS"


def test_a_hole_is_seen_where_graph_keeps_less_than_it_may(place: LogPlace) -> None:
    """Without a licence Graph keeps 7 days: that nothing comes back of what was sealed last tells it."""
    place.logs.kept = 7 * DAY
    place.run(DAY_ONE)
    place.logs.add(AUDITS, "d1", DAY_ONE + 2 * DAY)
    place.logs.add(AUDITS, "d2", DAY_ONE + 9 * DAY)
    gaps = place.attempt(DAY_ONE + 10 * DAY).document["events"]["gaps"]
    spans = [(gap["from"], gap["until"]) for gap in gaps if gap["stream"] == AUDITS]
    assert spans == [(text_of_time(DAY_ONE), text_of_time(DAY_ONE + 9 * DAY))]


def test_ten_days_without_a_run_are_no_hole_while_graph_keeps_thirty(place: LogPlace) -> None:
    """A gap that is none would teach everybody to look away."""
    place.run(DAY_ONE)
    place.logs.add(AUDITS, "e1", DAY_ONE + 2 * DAY)
    assert place.run(DAY_ONE + 10 * DAY)["gaps"] == []
    assert "e1" in place.ids()


def test_a_reading_that_is_cut_short_keeps_what_it_has_and_goes_on_there(place: LogPlace) -> None:
    """Oldest first, everything up to the last event that was met is known; the rest is a gap, and then there."""
    place.logs.break_after[AUDITS] = 2
    result = place.attempt(DAY_ONE)
    last = DAY_ONE - HOUR - 4 * 3 * HOUR
    events = result.document["events"]
    assert events["streams"][AUDITS] == {"from": None, "until": text_of_time(last), "events": 6}
    assert [gap["from"] for gap in events["gaps"]] == [text_of_time(last)]
    assert result.exit_status == 3 and ("gap", AUDITS) in kinds_of(result)
    place.logs.break_after.clear()
    assert place.run(DAY_ONE + HOUR)["events"]["streams"][AUDITS]["events"] == 4
    assert place.sealed() == sorted(f"a{number}" for number in range(10))
    assert place.verdict().word == "PASS"


def test_a_reading_without_order_that_is_cut_short_does_not_move_on(place: LogPlace) -> None:
    """Newest first, the events that were not met are the oldest: by moving on they would be lost."""
    place.run(DAY_ONE)
    for number in range(9):
        place.logs.add(AUDITS, f"f{number}", DAY_ONE + number * HOUR + HOUR)
    place.logs.heeds_order, place.logs.break_after[AUDITS] = False, 2
    events = place.attempt(DAY_ONE + DAY).document["events"]
    assert events["streams"][AUDITS]["until"] == text_of_time(DAY_ONE)
    place.logs.break_after.clear()
    place.run(DAY_ONE + DAY + HOUR)
    assert set(place.ids()) >= {f"f{number}" for number in range(9)}


def test_a_log_without_order_that_is_read_whole_moves_on(place: LogPlace) -> None:
    """Whether Graph sorts is of no account once everything is there."""
    place.logs.heeds_order = False
    assert place.run(DAY_ONE)["events"]["streams"][AUDITS]["until"] == text_of_time(DAY_ONE)
    assert len(place.ids()) == 10


def test_a_log_that_is_forbidden_is_a_gap_and_an_alarm_where_it_is_required(place: LogPlace) -> None:
    """Absence is data: a statement says that nothing is known, and the run that something is missing."""
    place.tenant.roles = tuple(role for role in place.tenant.roles if role != "AuditLog.Read.All")
    forbidden = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}}
    place.logs.refusal = (403, forbidden)
    result = place.attempt(DAY_ONE)
    events = result.document["events"]
    assert {(gap["stream"], gap["reason"], gap["from"]) for gap in events["gaps"]} == {
        (AUDITS, "forbidden", None), ("signIns", "forbidden", None)
    }  # fmt: skip
    assert events["streams"][AUDITS] == {"from": None, "until": None, "events": 0}
    assert result.exit_status == 3 and kinds_of(result) == {("gap", AUDITS), ("gap", "signIns")}
    place.logs.refusal = None
    assert place.run(DAY_ONE + HOUR)["events"]["streams"][AUDITS]["events"] == 10
    assert place.verdict().word == "PASS"


def test_sign_ins_that_may_not_be_read_are_an_alarm_and_those_without_a_licence_are_none(place: LogPlace) -> None:
    """A permission that was taken away hides who came in; what needs a licence that is not there is not missed."""
    place.logs.refused = "/v1.0/auditLogs/signIns"
    code = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
    place.logs.refusal = (403, {"error": {"code": code, "message": "Neither tenant is B2C or has premium license"}})
    unlicensed = place.attempt(DAY_ONE)
    assert [(gap["stream"], gap["reason"]) for gap in unlicensed.document["events"]["gaps"]] == [
        ("signIns", "licence-missing")
    ]
    assert unlicensed.exit_status == 0 and kinds_of(unlicensed) == set()
    place.logs.refusal = (403, {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}})
    forbidden = place.attempt(DAY_ONE + HOUR)
    assert forbidden.exit_status == 3 and kinds_of(forbidden) == {("gap", "signIns")}


def test_sign_ins_of_applications_are_a_log_of_their_own(tmp_path: Path) -> None:
    """Beta gives those of one type where `$filter` names it: read on with an overlap, each sealed once."""
    of_type = "signInEventTypes/any(t: t eq 'servicePrincipal')"
    with log_place(tmp_path, **{"export.collections": ["domains", "signIns", PRINCIPALS]}) as place:
        place.logs.add("signIns", "somebody", DAY_ONE - HOUR)
        place.logs.add(PRINCIPALS, "early", DAY_ONE - HOUR)
        place.logs.add(PRINCIPALS, "late", DAY_ONE - 2 * HOUR, late=3 * HOUR)
        place.run(DAY_ONE)
        assert set(place.logs.asked) == {
            f"signIns: createdDateTime le {text_of_time(DAY_ONE)}",
            f"{PRINCIPALS}: createdDateTime le {text_of_time(DAY_ONE)} and {of_type}",
        }
        place.logs.asked.clear()
        events = place.run(DAY_ONE + DAY)["events"]
        assert events["streams"][PRINCIPALS]["events"] == 1
        asked = f"{PRINCIPALS}: createdDateTime ge {text_of_time(DAY_ONE - HOUR - DAY)}"
        assert any(one.startswith(asked) and one.endswith(of_type) for one in place.logs.asked)
        assert place.sealed(PRINCIPALS) == ["early", "late"]
        assert place.sealed("signIns") == ["somebody"]
        assert place.verdict().word == "PASS"


def test_sign_ins_that_beta_refuses_are_a_gap_beside_those_that_v1_gives(tmp_path: Path) -> None:
    """Beta may change without notice, and sign-ins need a licence: that is signed, and nothing else suffers."""
    with log_place(tmp_path, **{"export.collections": ["domains", "signIns", PRINCIPALS]}) as place:
        place.logs.add("signIns", "somebody", DAY_ONE - HOUR)
        place.logs.refused = "/beta/"
        place.logs.refusal = (400, {"error": {"code": "BadRequest", "message": "no such property"}})
        events = place.attempt(DAY_ONE).document["events"]
        assert [(gap["stream"], gap["from"], gap["until"]) for gap in events["gaps"]] == [
            (PRINCIPALS, None, text_of_time(DAY_ONE))
        ]
        assert place.ids("signIns") == ["somebody"]
        place.logs.refusal = None
        place.logs.add(PRINCIPALS, "found", DAY_ONE - HOUR)
        assert place.attempt(DAY_ONE + DAY).document["events"]["gaps"] == []
        assert place.ids(PRINCIPALS) == ["found"]


ODD = [
    None,
    "yesterday",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "2099-01-01T00:00:00Z",
]
"""Dates that no event can have: .NET writes the third where there is none, and two are of no year in UTC."""


ALL = {f"a{number}" for number in range(10)}


@pytest.mark.parametrize(("date", "odd"), [*((date, {"a0", "a5", "a9"}) for date in ODD), (ODD[2], ALL)])
def test_an_event_of_a_date_that_cannot_be_is_kept_and_so_are_all_beside_it(
    place: LogPlace, date: str | None, odd: set[str]
) -> None:
    """One such event a day would keep a run from ever ending well; and it is an event like any other."""
    place.logs.spoil = lambda event: {**event, "activityDateTime": date} if event["id"] in odd else event
    for at in (DAY_ONE, DAY_ONE + HOUR):
        assert place.run(at)["gaps"] == []
    place.logs.add(AUDITS, "later", DAY_ONE + 3 * DAY)
    assert place.run(DAY_ONE + 3 * DAY + HOUR)["gaps"] == []
    assert place.sealed() == sorted([*ALL, "later"])
    assert place.ids() == place.sealed() and place.verdict().word == "PASS"


@pytest.mark.parametrize("date", [ODD[0], ODD[3], ODD[5]])
def test_a_reading_that_is_cut_short_is_not_known_by_a_date_that_cannot_be(place: LogPlace, date: str | None) -> None:
    """The events behind it would be lost for good, and the gap that names them would be empty."""
    # Pages of three, oldest first: a9 a8 a7 | a6 a5 a4.
    place.logs.spoil = lambda event: {**event, "activityDateTime": date} if event["id"] == "a7" else event
    place.logs.break_after[AUDITS] = 1
    events = place.attempt(DAY_ONE).document["events"]
    reached = text_of_time(DAY_ONE - HOUR - 8 * 3 * HOUR)
    assert events["streams"][AUDITS]["until"] == reached
    assert [(gap["from"], gap["until"]) for gap in events["gaps"]] == [(reached, text_of_time(DAY_ONE))]
    place.logs.spoil = lambda event: event
    place.logs.break_after.clear()
    assert place.run(DAY_ONE + 2 * DAY)["gaps"] == []
    assert place.sealed() == sorted(ALL)


def test_a_first_reading_that_is_too_long_for_a_run_goes_on_in_the_next(
    place: LogPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A month of a large tenant's sign-ins must not keep the snapshot from being sealed."""
    monkeypatch.setattr(log_reading, "MAX_EVENTS", 3)
    monkeypatch.setattr(log_reading, "_WAITING_PAGES", 1)
    first = place.attempt(DAY_ONE).document["events"]
    assert first["streams"][AUDITS]["events"] < 10
    assert [gap["reason"] for gap in first["gaps"]] == ["interrupted"]
    for _ in range(4):
        place.attempt(DAY_ONE + HOUR)
    assert place.sealed() == sorted(f"a{number}" for number in range(10))


@pytest.mark.parametrize("damage", ["gone", "cut", "of another day"])
def test_without_the_list_of_what_was_sealed_events_come_twice_and_none_is_lost(place: LogPlace, damage: str) -> None:
    """A list of another day names events that no bundle holds, if the ledger was put back: it is not believed."""
    place.run(DAY_ONE)
    seen = place.ledger / f"seen-{AUDITS}"
    yesterday = seen.read_bytes()
    place.logs.add(AUDITS, "g1", DAY_ONE + HOUR)
    place.run(DAY_ONE + 2 * HOUR)
    if damage == "gone":
        seen.unlink()
    else:
        seen.write_bytes(yesterday if damage == "of another day" else seen.read_bytes()[:-5])
    place.logs.add(AUDITS, "g2", DAY_ONE + 3 * HOUR)
    place.run(DAY_ONE + 4 * HOUR)
    everything = sorted([*(f"a{number}" for number in range(10)), "g1", "g2"])
    assert place.ids() == everything
    assert len(place.sealed()) > len(everything)
    assert place.verdict().word == "PASS"


def test_a_clock_that_is_set_back_loses_nothing(place: LogPlace) -> None:
    """A host that wakes up in the past reads from there, and what is known does not shrink."""
    place.run(DAY_ONE + 5 * DAY)
    place.logs.add(AUDITS, "h1", DAY_ONE + 5 * DAY - HOUR, late=2 * HOUR)
    place.run(DAY_ONE + HOUR)
    place.logs.add(AUDITS, "h2", DAY_ONE + 5 * DAY + 3 * HOUR)
    place.run(DAY_ONE + 5 * DAY + 4 * HOUR)
    assert set(place.ids()) >= {"h1", "h2"}
    assert not [check for check in place.verdict().checks if check.result == "FAIL"]


def test_events_have_a_retention_of_their_own(tmp_path: Path) -> None:
    """Audit logs are kept for years where snapshots are kept for months."""
    with log_place(tmp_path, **{"logs.retention_days": 3000}) as place:
        place.logs.add(AUDITS, "a1", DAY_ONE - HOUR)
        events = place.run(DAY_ONE)["events"]
        assert events["retain_until"] == text_of_time(DAY_ONE + 3000 * DAY)
        (manifest,) = place.opened().manifests()
        assert manifest.retain_until < DAY_ONE + 3000 * DAY


def test_events_that_have_expired_are_no_gap(tmp_path: Path) -> None:
    """What may be deleted and is gone is expired: the verdict holds, and the reader leaves it out."""
    with log_place(tmp_path, **{"logs.retention_days": 10}) as place:
        place.logs.add(AUDITS, "a1", DAY_ONE - HOUR)
        digest = place.run(DAY_ONE)["events"]["bundle_sha256"]
        place.logs.add(AUDITS, "a2", DAY_ONE + HOUR)
        place.run(DAY_ONE + DAY)
        for file in (place.archive / "bundles/sha256" / digest[:2]).glob(f"{digest}.*"):
            file.unlink()
        assert place.verdict(now=DAY_ONE + 5 * DAY).word == "FAIL"
        later = place.verdict(now=DAY_ONE + 30 * DAY)
        assert later.word == "PASS"
        assert [line.state for line in later.events] == ["present", "expired"]
        log = place.log(DAY_ONE + 30 * DAY)
        assert [event.id for event in log.events(AUDITS)] == ["a2"]
        assert [one.sequence for one in log.expired] == [1]


def test_logs_alone_can_be_archived(tmp_path: Path) -> None:
    """Whoever names logs and nothing else gets them, beside snapshots of nothing."""
    with log_place(tmp_path, **{"export.collections": [AUDITS]}) as place:
        place.logs.add(AUDITS, "a1", DAY_ONE - HOUR)
        document = place.run(DAY_ONE)
        assert (document["state_count"], document["events"]["events"]) == (0, 1)
        assert place.verdict().word == "PASS"


def test_a_log_that_is_left_out_is_not_asked_for(tmp_path: Path) -> None:
    """`-signIns` means that."""
    with log_place(tmp_path, **{"export.collections": ["all", "-signIns", "-provisioning"]}) as place:
        place.logs.add(AUDITS, "a1", DAY_ONE - HOUR)
        assert list(place.attempt(DAY_ONE).document["events"]["streams"]) == [AUDITS]
        assert {one.partition(":")[0] for one in place.logs.asked} == {AUDITS}


def test_events_wait_for_a_store_that_is_away(place: LogPlace) -> None:
    """They are committed with the snapshot, and put with it."""
    place.run(DAY_ONE)
    away = place.archive.with_name("away")
    place.archive.rename(away)
    place.archive.write_bytes(b"")
    place.logs.add(AUDITS, "i1", DAY_ONE + HOUR)
    assert place.attempt(DAY_ONE + 2 * HOUR).document["stores"][0]["outcome"] == "spooled"
    place.archive.unlink()
    away.rename(place.archive)
    place.run(DAY_ONE + 3 * HOUR)
    assert place.sealed() == sorted([*(f"a{number}" for number in range(10)), "i1"])
    assert place.verdict().word == "PASS"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_killed_at_any_point_loses_no_event_and_seals_none_twice(place: LogPlace) -> None:
    """The bundle, its statement, and how far each log is known are one commit."""
    place.run(DAY_ONE)
    at = DAY_ONE + HOUR
    place.logs.add(AUDITS, "k0", at - timedelta(minutes=1))
    counted = place.killed_run(0, at)
    assert counted.returncode == 0, counted.stderr
    changes = int(counted.stdout)
    expected, kills = [*(f"a{number}" for number in range(10)), "k0"], 0
    for number, kill_at in enumerate(range(1, changes + 1, max(1, changes // 24)), 1):
        at += HOUR
        place.logs.add(AUDITS, f"k{number}", at - timedelta(minutes=1))
        expected.append(f"k{number}")
        killed = place.killed_run(kill_at, at)
        # Days differ by a change or two: at the last points a run may come to its end.
        assert killed.returncode == -9 or (killed.returncode == 0 and kill_at > changes * 3 // 4), killed.stderr
        kills += killed.returncode == -9
        assert place.verdict(0, now=at).word == "PASS"
        at += HOUR
        place.run(at)
        assert place.sealed() == sorted(expected), kill_at
    assert kills >= 18
    assert place.verdict(now=at).word == "PASS"


def test_a_log_that_the_settings_leave_out_is_an_alarm_until_it_is_chosen_again(place: LogPlace) -> None:
    """One word less in the settings, and what an intruder does is nowhere; `doctor` says so too."""
    place.run(DAY_ONE)
    text = place.settings_file.read_text("utf-8")
    place.settings_file.write_text(text.replace(f'"{AUDITS}", ', ""), "utf-8")
    for day in (1, 2):
        assert kinds_of(place.attempt(DAY_ONE + day * DAY)) == {("left-out", AUDITS)}
    patient = Patient(load_settings(place.settings_file, {}), lambda: DAY_ONE + 2 * DAY)
    (check,) = choice_checks(patient)
    assert check.result == WARN and f"leaves out logs of which events are archived ({AUDITS}) and what" in check.detail
    place.settings_file.write_text(text, "utf-8")
    assert kinds_of(place.attempt(DAY_ONE + 3 * DAY)) == set()
