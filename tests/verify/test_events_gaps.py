"""Which spans of the tenant's logs are still missing, by what was signed about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from verify.bundle_state import PRESENT
from verify.bundle_statement import BundleDigest
from verify.events_gaps import open_gaps_of
from verify.events_line import EventsLine
from verify.events_statement import EventGap, EventsStatement, StreamSpan
from verify.presentation import text_of
from verify.verdict import Verdict

START = datetime(2026, 11, 1, tzinfo=UTC)
LOG = "signIns"


def at(day: int) -> datetime:
    """Midnight of a day."""
    return START + timedelta(days=day)


def gap(begins: int | None, until: int, reason: str = "server-error", stream: str = LOG) -> EventGap:
    """A gap of whole days."""
    return EventGap(stream, None if begins is None else at(begins), at(until), reason, "")


def said(begins: int | None, until: int | None, *gaps: EventGap, stream: str = LOG) -> EventsStatement:
    """A statement that knows the log from one day to another."""
    known = [None if day is None else at(day) for day in (begins, until)]
    return EventsStatement(
        index=1, sha256="", archive_id="", tenant="", simulated=False, sequence=1, previous=None, started_at=START,
        taken_at=START, graph_date=None, state_root=b"", state_count=0, bundle=BundleDigest("", "", 0, "", 0),
        recipients=(), retain_until=START, catalogue_version="", software="",
        streams={stream: StreamSpan("createdDateTime", None, START, known[0], known[1], 0)}, gaps=gaps,
    )  # fmt: skip


def test_a_gap_is_open_until_the_log_is_known_to_its_end() -> None:
    """The next run read it: an auditor has nothing to ask about."""
    first = said(None, 3, gap(3, 5))
    assert open_gaps_of([first]) == [gap(3, 5)]
    assert open_gaps_of([first, said(3, 5)]) == []
    assert open_gaps_of([first, said(3, 9)]) == []
    assert open_gaps_of([first, said(3, 4)]) == [gap(3, 5)], "by a clock that was set back"


def test_a_reading_that_comes_to_no_end_either_takes_the_gap_over() -> None:
    """One span that is missing is one line, however many runs have failed at it."""
    first, second = said(None, None, gap(None, 5)), said(None, 3, gap(3, 6))
    assert open_gaps_of([first, second]) == [gap(3, 6)]
    assert open_gaps_of([first, second, said(3, 3, gap(3, 7)), said(3, 8)]) == []


def test_what_was_let_go_of_stays_missing() -> None:
    """Nobody can read it any more."""
    lost = gap(1, 4, "no-longer-kept")
    assert open_gaps_of([said(None, 9, lost), said(9, 12)]) == [lost]
    assert open_gaps_of([said(None, 3, gap(3, 5)), said(3, 3, lost)]) == [gap(3, 5), lost], "closes none by itself"


def test_another_log_closes_nothing() -> None:
    """Each is known by itself."""
    first = said(None, 3, gap(3, 5))
    other = said(None, 9, gap(9, 12, stream="directoryAudits"), stream="directoryAudits")
    assert open_gaps_of([first, other]) == [gap(3, 5), gap(9, 12, stream="directoryAudits")]


def test_a_verdict_shows_what_is_open_the_newest_first() -> None:
    """Who reads it acts on what is missing, and not on what was."""
    said_of = [said(None, 1, gap(1, 2)), *(said(2, 9, gap(day, day + 1, "no-longer-kept")) for day in range(2, 9))]
    lines = [EventsLine(one, PRESENT, covered=True, read=True) for one in reversed(said_of)]
    text = text_of(Verdict(0, (), "ab", "cd", events=lines))
    shown = [line.split(",")[1].split()[0] for line in text.splitlines() if "gap of" in line]
    assert shown == [f"2026-11-{day:02}" for day in (9, 8, 7, 6, 5)]
    assert "and 2 older gaps" in text
