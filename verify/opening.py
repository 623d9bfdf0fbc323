"""Level 1 of the ceremony: snapshots opened and read through (checks C21 to C25)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from verify.bundle import Bundle
from verify.check import LEVELS, CheckList
from verify.errors import DigestError, StrongroomError
from verify.identity import Identity
from verify.manifest import Count, Manifest
from verify.plaintext import OpenedFile, Plaintext, opened_file_of
from verify.segments import WholeFile, bundle_name_of
from verify.state import Finding, State, state_of
from verify.store import ArchiveReader
from verify.wording import counted

HEADER, STRUCTURE, STATE, COUNTS = "C21", "C22", "C24", "C25"
LEVEL_1 = tuple(id_ for id_, level in LEVELS.items() if level == 1)

_MOST_NAMED = 20


@dataclass(frozen=True)
class Opening:
    """What reading one snapshot through gave: findings, or its state when there are none."""

    manifest: Manifest
    findings: tuple[Finding, ...]
    state: State | None


def opening_of(
    reader: ArchiveReader,
    manifest: Manifest,
    full: Manifest,
    identities: Sequence[Identity],
    meanwhile: Callable[[], None] | None,
) -> Opening:
    """Opens a snapshot and reads it through; `full` is the manifest itself, or that of the full it leans on.

    `meanwhile` runs once, while other processes read. What is wrong is returned, not raised.
    """
    needed = [full] if full is manifest else [full, manifest]
    files: list[OpenedFile] = []
    for one in needed:
        try:
            files.append(opened_file_of(WholeFile(reader, one.bundle), identities, len(one.recipients)))
        except StrongroomError as error:
            return _ended(manifest, Finding(HEADER, bundle_name_of(one.bundle.sha256), error), meanwhile)
    bundles: list[Bundle] = []
    for one, file in zip(needed, files, strict=True):
        try:
            bundles.append(Bundle(Plaintext(file), one))
        except StrongroomError as error:
            return _ended(manifest, Finding(STRUCTURE, bundle_name_of(one.bundle.sha256), error), meanwhile)
    state = state_of(bundles[0], bundles[1] if len(bundles) > 1 else None, meanwhile, fork=reader.forkable)
    if state.findings:
        return Opening(manifest, state.findings, None)
    return Opening(manifest, tuple(_differences(manifest, state)), state)


def note_openings(checks: CheckList, openings: Sequence[Opening], covered: int, reason: str) -> None:
    """Notes C21 to C25 for `covered` snapshots; `reason` says why some of them were not opened."""
    for opening in openings:
        for finding in opening.findings:
            checks.failed(finding.check, finding.error, finding.subject)
    failed = [id_ for id_ in LEVEL_1 if checks.failures(id_)]
    if covered == len(openings) > 0 and not failed:
        for id_, detail in zip(LEVEL_1, _details(openings), strict=True):
            checks.passed(id_, detail)
        return
    for id_ in LEVEL_1:
        if covered == len(openings) and failed and id_ < failed[0]:
            checks.passed(id_, "nothing wrong up to the check that failed")
        checks.not_checked(id_, f"check {failed[0]} of the same snapshot failed" if failed else reason)


def _details(openings: Sequence[Opening]) -> tuple[str, ...]:
    records = sum(one.state.count for one in openings if one.state)
    gaps = sum(len(one.manifest.gaps) for one in openings)
    numbers = ", ".join(str(one.manifest.sequence) for one in openings[:_MOST_NAMED])
    more = " …" if len(openings) > _MOST_NAMED else ""
    plural = "s" if len(openings) > 1 else ""
    return (
        f"snapshot{plural} {numbers}{more}: opened with the identity given",
        "every chunk, frame and table is as it must be",
        f"{counted(records, 'record')}: each line has the key and the hash of its row",
        f"{counted(records, 'leaf', 'leaves')} give the state root that was signed",
        f"counts by collection agree; signed for: {counted(gaps, 'gap')}",
    )


def _ended(manifest: Manifest, finding: Finding, meanwhile: Callable[[], None] | None) -> Opening:
    if meanwhile:
        meanwhile()
    return Opening(manifest, (finding,), None)


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
