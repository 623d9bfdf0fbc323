"""Level 1 for events: bundles of events opened and read through (check C26)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from verify.bundle import Bundle
from verify.check import CheckList
from verify.errors import DigestError, StrongroomError, WrongIdentityError
from verify.events_statement import EventsStatement
from verify.identity import Identity
from verify.manifest import Count
from verify.plaintext import Plaintext, opened_file_of
from verify.segments import SegmentedFile, bundle_name_of
from verify.state import State, state_of
from verify.store import ArchiveReader
from verify.wording import counted

EVENT_BUNDLES = "C26"


class _Finding(NamedTuple):
    subject: str
    error: StrongroomError


def prove_event_bundles(
    reader: ArchiveReader,
    checks: CheckList,
    asked: Sequence[EventsStatement],
    sound: Sequence[EventsStatement],
    identities: Sequence[Identity],
) -> None:
    """Notes C26 for the bundles that were asked for; `sound` are those whose files are there, as they were signed.

    An identity that a bundle is not sealed to proves nothing and disproves nothing.
    """
    unopened: WrongIdentityError | None = None
    events = 0
    for statement in sound:
        try:
            findings = _findings_in(reader, statement, identities)
        except WrongIdentityError as error:
            unopened = unopened or WrongIdentityError(f"events {statement.sequence}: {error.message}")
            continue
        for finding in findings:
            checks.failed(EVENT_BUNDLES, finding.error, finding.subject)
        events += statement.state_count
    if not asked:
        checks.not_checked(EVENT_BUNDLES, "no bundle of events belongs to what was asked for", exists=False)
    elif unopened is not None:
        checks.not_checked(EVENT_BUNDLES, unopened.message, error=unopened)
    elif len(sound) < len(asked):
        checks.not_checked(EVENT_BUNDLES, "a file that is needed is missing or damaged (C08, C09)")
    checks.passed(
        EVENT_BUNDLES,
        f"{counted(events, 'event')} in {counted(len(sound), 'bundle')}: each has the key and the hash of its row, and "
        "all together give the root and the numbers that were signed",
    )


def _findings_in(
    reader: ArchiveReader, statement: EventsStatement, identities: Sequence[Identity]
) -> Sequence[_Finding]:
    """Returns what is wrong in a bundle. Raises WrongIdentityError if none of the identities is one of its."""
    name = bundle_name_of(statement.bundle.sha256)
    try:
        source = SegmentedFile(reader, statement.bundle)
        bundle = Bundle(Plaintext(opened_file_of(source, identities, statement.recipients)), statement)
    except WrongIdentityError:
        raise
    except StrongroomError as error:
        return [_Finding(name, type(error)(error.message, next_step=error.next_step))]
    state = state_of(bundle, None, fork=reader.forkable)
    if state.findings:
        return [_Finding(finding.subject, finding.error) for finding in state.findings]
    return _differences(statement, state, name)


def _differences(statement: EventsStatement, state: State, name: str) -> list[_Finding]:
    what = f"events {statement.sequence}"
    findings = []
    if state.count != statement.state_count or state.root != statement.state_root:
        error = DigestError(
            f"{what}: {counted(state.count, 'record')} with root {state.root.hex()[:16]}…, and the statement signs "
            f"{statement.state_count} with {statement.state_root.hex()[:16]}… (F-STATE-1)"
        )
        findings.append(_Finding(name, error))
    stated = {stream: Count(span.events, span.events) for stream, span in statement.streams.items() if span.events}
    if stated != state.counts:
        differing = sorted(one for one in {*stated, *state.counts} if stated.get(one) != state.counts.get(one))
        named = ", ".join(differing)[:200]
        text = f"{what}: the statement's numbers are not those of the records, for {named} (F-EVT-6)"
        findings.append(_Finding(name, DigestError(text)))
    return findings
