"""How statements of events follow each other: what each must take over from those before it (F-EVT)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verify.check import CheckList
from verify.errors import LogError, MalformedError, StrongroomError, WrongArchiveError
from verify.events_statement import EventsStatement, StreamSpan
from verify.history import History
from verify.manifest import Manifest
from verify.name import entry_name_of
from verify.wording import counted

Fault = tuple[str, StrongroomError]
"""The name of a log entry, and what is wrong with it."""


def prove_events(checks: CheckList, history: History) -> None:
    """Notes C18."""
    if not history.events:
        checks.not_checked("C18", "no run has read the tenant's logs", exists=False)
        return
    if history.broken:
        checks.not_checked("C18", "not every entry of the log is proved (C03, C05)")
        return
    for subject, error in faults_of_events(history.events, history.manifests):
        checks.failed("C18", error, subject)
    statements = counted(len(history.events), "statement")
    gaps = counted(sum(len(one.gaps) for one in history.events), "gap")
    checks.passed("C18", f"{statements} of events, none left out; signed for: {gaps}")


def faults_of_events(statements: Sequence[EventsStatement], manifests: Sequence[Manifest]) -> Iterator[Fault]:
    """Yields what breaks F-EVT-1, F-EVT-2, F-EVT-3 and F-EVT-5; both are in the log's order."""
    tenants = {(one.tenant, one.simulated) for one in manifests[:1]} or {
        (one.tenant, one.simulated) for one in statements[:1]
    }
    before: EventsStatement | None = None
    known: dict[str, StreamSpan] = {}
    for statement in statements:
        name = entry_name_of(statement.index)
        try:
            _check_follows(statement, before, name)
            if (statement.tenant, statement.simulated) not in tenants:
                raise WrongArchiveError(f"{name}: events of another tenant than this archive's (F-EVT-2)")
            for stream, span in statement.streams.items():
                _check_span(stream, span, known.get(stream), name)
            if statement.taken_at < statement.started_at:
                raise MalformedError(f"{name}: ends before it begins (F-EVT-5)")
        except StrongroomError as error:
            yield name, error
        before = statement
        known |= statement.streams


def _check_follows(statement: EventsStatement, before: EventsStatement | None, name: str) -> None:
    sequence = before.sequence + 1 if before else 1
    if statement.sequence != sequence:
        raise LogError(f"{name}: is number {statement.sequence} of events where {sequence} must follow (F-EVT-1)")
    if statement.previous != (before.sha256 if before else None):
        raise LogError(f"{name}: does not name the statement of events before it (F-EVT-1)")


def _check_span(stream: str, span: StreamSpan, before: StreamSpan | None, name: str) -> None:
    """What is known of a stream goes on where it ended, so that a hole is one that a gap names."""
    if span.begins != (before.until if before else None):
        raise LogError(f"{name}: {stream} does not begin where its last events ended (F-EVT-3)")
    if span.begins is not None and (span.until is None or span.until < span.begins):
        raise LogError(f"{name}: {stream} ends before it begins (F-EVT-3)")
