"""The verdict for people, as plain text. Names come from the archive: nothing that a terminal obeys gets through."""

from __future__ import annotations

from collections.abc import Iterator

from verify.bundle_state import FULL_MISSING, MISSING, PRESENT
from verify.check import Check
from verify.events_gaps import open_gaps_of
from verify.headline import headline_of
from verify.manifest import Manifest
from verify.snapshot_line import SnapshotLine
from verify.verdict import Verdict
from verify.visible import visible
from verify.wording import counted, ranged

_SNAPSHOTS_SHOWN = 10
_NAMES_SHOWN = 5
_GAPS_SHOWN = 5
_TITLE_WIDTH = 25
_MISSING_STEP = (
    "missing or damaged: C08 and C09 name the files; put damaged ones aside, bring all from another copy (`strongroom "
    "mirror COPY --to FOLDER` adds what is missing and overwrites nothing), and verify again"
)


def text_of(verdict: Verdict) -> str:
    """Returns the whole verdict; lines end with LF."""
    return "".join(f"{visible(line).rstrip()}\n" for line in _lines(verdict))


def _lines(verdict: Verdict) -> Iterator[str]:
    yield headline_of(verdict)
    yield f"archive {verdict.archive_id or 'unknown'}"
    yield ""
    for check in verdict.checks:
        yield from _check_lines(check)
    if verdict.snapshots:
        yield ""
        yield from _snapshot_lines(verdict)
    if verdict.events:
        yield ""
        yield from _events_lines(verdict)
    for names, meaning in (
        (verdict.pending, "log entries that no checkpoint commits to yet"),
        (verdict.orphans, f"bundle files that no manifest names, {_origin_of_orphans(verdict)}"),
        (verdict.strays, "files that are no part of an archive; they prove nothing"),
    ):
        if names:
            yield ""
            yield f"{meaning} ({len(names)}):"
            yield from (f"  {name}" for name in names[:_NAMES_SHOWN])
            if len(names) > _NAMES_SHOWN:
                yield f"  and {len(names) - _NAMES_SHOWN} more"
    yield ""
    yield "what each check proves: verify/FORMAT.md, section 13"


def _origin_of_orphans(verdict: Verdict) -> str:
    if verdict.behind:
        return "of the entries that are not here, or left by a run that was cut off"
    return "left by a run that was cut off; harmless"


def _check_lines(check: Check) -> Iterator[str]:
    yield f"  {check.id}  {check.result:<11}  {check.title:<{_TITLE_WIDTH}}  {check.detail}"
    indent = " " * (22 + _TITLE_WIDTH)
    if check.subject and check.subject not in check.detail:
        yield f"{indent}in {check.subject}"
    if check.error:
        yield f"{indent}{check.error}. {check.next_step or ''}"


def _snapshot_lines(verdict: Verdict) -> Iterator[str]:
    yield "  snapshot  taken at              kind      records  gaps"
    for line in verdict.snapshots[:_SNAPSHOTS_SHOWN]:
        yield _snapshot_line(line, marked=bool(verdict.unread))
    if len(verdict.snapshots) > _SNAPSHOTS_SHOWN:
        yield f"  and {len(verdict.snapshots) - _SNAPSHOTS_SHOWN} older ones"
    if any(line.state in (MISSING, FULL_MISSING) for line in verdict.snapshots):
        yield f"  {_MISSING_STEP}"
    shown = next((line.manifest for line in verdict.snapshots if line.covered), None)
    if shown is not None and shown.gaps:
        yield ""
        yield from _gap_lines(shown)


def _snapshot_line(line: SnapshotLine, *, marked: bool) -> str:
    """One row; `marked` says whether its bytes were read, where those of others were not."""
    one = line.manifest
    notes = [line.state] if line.state != PRESENT else []
    notes += [("read whole" if line.read else "not read")] if marked and line.state in (PRESENT, FULL_MISSING) else []
    notes += ["simulated tenant"] if one.simulated else []
    return (
        f"  {one.sequence:>8}  {one.taken_at:%Y-%m-%d %H:%M:%S}Z  {one.kind:<5}  {one.state_count:>10,}  "
        f"{len(one.gaps):>4}  {', '.join(notes)}"
    )


def _events_lines(verdict: Verdict) -> Iterator[str]:
    """What is archived of the tenant's logs, by stream, and which bundles of it are not as they should be."""
    yield "  events                                   known until              events"
    counts: dict[str, int] = {}
    until: dict[str, str] = {}
    for line in reversed(verdict.events):
        for stream, span in line.statement.streams.items():
            counts[stream] = counts.get(stream, 0) + span.events
            until[stream] = f"{span.until:%Y-%m-%d %H:%M:%S}Z" if span.until else "nothing yet"
    for stream, number in counts.items():
        yield f"  {stream:<38}  {until[stream]:<20}  {number:>10,}"
    for state in dict.fromkeys(line.state for line in verdict.events if line.state != PRESENT):
        numbers = sorted(line.statement.sequence for line in verdict.events if line.state == state)
        yield f"  {counted(len(numbers), 'bundle')} of events {state}: {ranged(numbers, _NAMES_SHOWN)}"
    gaps = open_gaps_of(line.statement for line in reversed(verdict.events))
    for gap in gaps[: -_GAPS_SHOWN - 1 : -1]:
        begins = f"{gap.begins:%Y-%m-%d %H:%M:%S}Z" if gap.begins else "the first day"
        yield f"  gap of {gap.stream}, {begins} to {gap.until:%Y-%m-%d %H:%M:%S}Z: {gap.reason}. {gap.detail}"
    if len(gaps) > _GAPS_SHOWN:
        yield f"  and {counted(len(gaps) - _GAPS_SHOWN, 'older gap')}"


def _gap_lines(manifest: Manifest) -> Iterator[str]:
    yield f"signed gaps of snapshot {manifest.sequence} (what could not be read, and why):"
    for gap in manifest.gaps[:_GAPS_SHOWN]:
        yield f"  {gap.place}: {gap.reason}. {gap.detail}"
    if len(manifest.gaps) > _GAPS_SHOWN:
        yield f"  and {len(manifest.gaps) - _GAPS_SHOWN} more"
