"""Level 1 of the ceremony: snapshots opened and read through (checks C21 to C25).

An identity that a snapshot is not sealed to proves nothing and disproves nothing: its checks are not made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from verify.bundle import Bundle
from verify.check import CheckList
from verify.errors import DigestError, StrongroomError, WrongIdentityError
from verify.identity import Identity
from verify.manifest import Count, Manifest
from verify.plaintext import OpenedFile, Plaintext, opened_file_of
from verify.segments import SegmentedFile, bundle_name_of
from verify.state import Finding, State, state_of
from verify.store import ArchiveReader
from verify.wording import counted

HEADER, STRUCTURE, STATE, COUNTS = "C21", "C22", "C24", "C25"
LEVEL_1 = ("C21", "C22", "C23", "C24", "C25")

_MOST_NAMED = 20


@dataclass(frozen=True)
class Examination:
    """What reading one snapshot through gave: findings, or its state when there are none.

    `unopened` says that there is neither, because the snapshot is sealed to nobody whose identity was given.
    """

    manifest: Manifest
    findings: tuple[Finding, ...] = ()
    state: State | None = None
    unopened: WrongIdentityError | None = None


def examination_of(
    reader: ArchiveReader,
    manifest: Manifest,
    full: Manifest,
    identities: Sequence[Identity],
    meanwhile: Callable[[], None] | None,
) -> Examination:
    """Opens a snapshot and reads it through; `full` is the manifest itself, or that of the full it leans on.

    `meanwhile` runs once, while other processes read. What is wrong is returned, not raised.
    """
    needed = [full] if full is manifest else [full, manifest]
    files: list[OpenedFile] = []
    for one in needed:
        try:
            files.append(opened_file_of(SegmentedFile(reader, one.bundle), identities, one.recipients))
        except WrongIdentityError as error:
            return _ended(Examination(manifest, unopened=error), meanwhile)
        except StrongroomError as error:
            finding = Finding(HEADER, bundle_name_of(one.bundle.sha256), _without_frames(error))
            return _ended(Examination(manifest, (finding,)), meanwhile)
    bundles: list[Bundle] = []
    for one, file in zip(needed, files, strict=True):
        try:
            bundles.append(Bundle(Plaintext(file), one, bundles[0] if bundles else None))
        except StrongroomError as error:
            finding = Finding(STRUCTURE, bundle_name_of(one.bundle.sha256), _without_frames(error))
            return _ended(Examination(manifest, (finding,)), meanwhile)
    state = state_of(bundles[0], bundles[1] if len(bundles) > 1 else None, meanwhile, fork=reader.forkable)
    if state.findings:
        return Examination(manifest, state.findings)
    return Examination(manifest, tuple(_differences(manifest, state)), state)


def note_examinations(checks: CheckList, examinations: Sequence[Examination], covered: int, reason: str) -> None:
    """Notes C21 to C25 for `covered` snapshots; `reason` says why some of them are not among `examinations`."""
    for one in examinations:
        for finding in one.findings:
            checks.failed(finding.check, finding.error, finding.subject)
    failed = [id_ for id_ in LEVEL_1 if checks.failures(id_)]
    unopened = [one for one in examinations if one.unopened]
    whole = covered == len(examinations) > 0 and not unopened
    if unopened:
        checks.not_checked(HEADER, _whose_of(unopened, covered), error=unopened[0].unopened)
        reason = "what was not opened can't be read (C21)"
    details = _details(examinations)
    for place, id_ in enumerate(LEVEL_1):
        if whole and not failed:
            checks.passed(id_, details[place])
        elif whole and id_ < failed[0]:
            checks.passed(id_, "nothing wrong up to the check that failed")
        else:
            checks.not_checked(id_, f"check {failed[0]} of the same snapshot failed" if failed else reason)


def _whose_of(unopened: Sequence[Examination], covered: int) -> str:
    """Says which snapshots were not opened, and whose they are."""
    rest = "" if len(unopened) == covered else f", out of {covered} asked for"
    return f"{_named(unopened)}{rest}: {unopened[0].unopened}"


def _named(examinations: Sequence[Examination]) -> str:
    numbers = ", ".join(str(one.manifest.sequence) for one in examinations[:_MOST_NAMED])
    more = " …" if len(examinations) > _MOST_NAMED else ""
    return f"snapshot{'s' if len(examinations) > 1 else ''} {numbers}{more}"


def _details(examinations: Sequence[Examination]) -> tuple[str, ...]:
    records = sum(one.state.count for one in examinations if one.state)
    gaps = sum(len(one.manifest.gaps) for one in examinations)
    return (
        f"{_named(examinations)}: opened with the identity given",
        "every chunk, frame and table is as it must be",
        f"{counted(records, 'record')}: each line has the key and the hash of its row",
        f"{counted(records, 'leaf', 'leaves')} give the state root that was signed",
        f"counts by collection agree; signed for: {counted(gaps, 'gap')}",
    )


def _ended(examination: Examination, meanwhile: Callable[[], None] | None) -> Examination:
    if meanwhile:
        meanwhile()
    return examination


def _without_frames(error: StrongroomError) -> StrongroomError:
    """Returns the same error without its traceback, whose frames would keep tables of up to 1 GiB in memory."""
    return type(error)(error.message, next_step=error.next_step)


def _differences(manifest: Manifest, state: State) -> list[Finding]:
    """Compares what was computed with what the manifest signs."""
    name = bundle_name_of(manifest.bundle.sha256)
    findings = []
    if state.count != manifest.state_count or state.root != manifest.state_root:
        error = DigestError(
            f"snapshot {manifest.sequence}: {state.count} live records with state root "
            f"{state.root.hex()[:16]}…, and the manifest signs {manifest.state_count} with "
            f"{manifest.state_root.hex()[:16]}… (F-STATE-1)"
        )
        findings.append(Finding(STATE, name, error))
    stated = _counted(manifest.counts)
    if stated != state.counts:
        differing = sorted(one for one in {*stated, *state.counts} if stated.get(one) != state.counts.get(one))
        error = DigestError(
            f"snapshot {manifest.sequence}: the manifest's counts are not those of the records, for "
            f"{', '.join(differing)[:200]} (F-MAN-6)"
        )
        findings.append(Finding(COUNTS, name, error))
    return findings


def _counted(counts: Mapping[str, Count]) -> dict[str, Count]:
    """Leaves out collections that were read and are empty."""
    return {name: count for name, count in counts.items() if count != Count(0, 0)}
