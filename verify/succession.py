"""How snapshots follow each other: what each manifest must take over from those before it (F-MAN)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from verify.archive import check_leaning
from verify.errors import LogError, MalformedError, SignatureError, StrongroomError, WrongArchiveError
from verify.events_statement import EventsStatement
from verify.manifest import FULL, Manifest
from verify.name import entry_name_of
from verify.strict_json import text_of_time
from verify.trust_root import RootChain

Fault = tuple[str, StrongroomError]
"""The name of a log entry, and what is wrong with it."""
STEPS_SHOWN = 5
"""Snapshots that a sentence names."""


def faults_of_succession(manifests: Sequence[Manifest]) -> Iterator[Fault]:
    """Yields what breaks F-MAN-1, F-MAN-2, F-MAN-3 and F-MAN-7; `manifests` are in the log's order."""
    before: Manifest | None = None
    full: Manifest | None = None
    for manifest in manifests:
        try:
            _check_follows(manifest, before)
            _check_lean(manifest, full)
            _check_same_tenant(manifest, manifests[0])
            if manifest.taken_at < manifest.started_at:
                raise MalformedError(f"{entry_name_of(manifest.index)}: ends before it begins (F-MAN-7)")
        except StrongroomError as error:
            yield entry_name_of(manifest.index), error
        before = manifest
        full = manifest if manifest.kind == FULL else full


def words_of_steps_back(manifests: Sequence[Manifest]) -> str:
    """Says which snapshots are dated before the one before them, "" if none is; the log's order is what counts.

    No rule forbids it: a clock that is set right would break the archive for good. Whoever asks for the last snapshot
    of a day has to know.
    """
    back = [one for before, one in pairwise(manifests) if one.taken_at < before.taken_at]
    if not back:
        return ""
    named = ", ".join(f"{one.sequence} ({text_of_time(one.taken_at)})" for one in back[:STEPS_SHOWN])
    more = f" and {len(back) - STEPS_SHOWN} more" if len(back) > STEPS_SHOWN else ""
    return f"; DATED BEFORE ITS PREDECESSOR: {named}{more}: the archive host's clock was set back, or had been ahead"


def faults_of_recipients(sealed: Sequence[Manifest | EventsStatement], roots: RootChain) -> Iterator[Fault]:
    """Yields statements with a recipient that no trust root names (F-MAN-5), or before its time (F-MAN-8).

    Of events, both are F-EVT-4.
    """
    named = roots.recipients
    for manifest in sealed:
        name = entry_name_of(manifest.index)
        unnamed, early = ("F-MAN-5", "F-MAN-8") if isinstance(manifest, Manifest) else ("F-EVT-4", "F-EVT-4")
        for fingerprint in manifest.recipients:
            trusted = named.get(fingerprint)
            if trusted is None:
                text = f"which no trust root names ({unnamed})"
            elif manifest.taken_at < trusted.not_before:
                text = f"which is in force from {text_of_time(trusted.not_before)} on only ({early})"
            else:
                continue
            yield name, SignatureError(f"{name}: sealed to recipient {fingerprint[:16]}…, {text}")


def faults_of_retention(manifests: Sequence[Manifest]) -> Iterator[Fault]:
    """Yields fulls that may be deleted before a delta that leans on them (F-MAN-4)."""
    fulls = {manifest.sequence: manifest for manifest in manifests if manifest.kind == FULL}
    for manifest in manifests:
        full = fulls.get(manifest.leans_on.sequence) if manifest.leans_on else None
        if full is not None and full.retain_until < manifest.retain_until:
            name = entry_name_of(full.index)
            yield (
                name,
                LogError(
                    f"{name}: the full of snapshot {full.sequence} may be deleted before snapshot "
                    f"{manifest.sequence}, which leans on it (F-MAN-4)"
                ),
            )


def _check_follows(manifest: Manifest, before: Manifest | None) -> None:
    name = entry_name_of(manifest.index)
    sequence = before.sequence + 1 if before else 1
    if manifest.sequence != sequence:
        raise LogError(f"{name}: is snapshot {manifest.sequence} where {sequence} must follow (F-MAN-1)")
    if manifest.previous != (before.sha256 if before else None):
        raise LogError(f"{name}: does not name the manifest before it (F-MAN-1)")
    epoch = (before.epoch if before else 0) + (manifest.kind == FULL)
    if manifest.epoch != epoch:
        raise LogError(f"{name}: a {manifest.kind} of epoch {manifest.epoch} where epoch {epoch} is (F-MAN-1)")


def _check_lean(manifest: Manifest, full: Manifest | None) -> None:
    name = entry_name_of(manifest.index)
    if manifest.kind == FULL:
        if manifest.leans_on is not None:
            raise LogError(f"{name}: a full that leans on another (F-MAN-2)")
    elif full is None:
        raise LogError(f"{name}: a delta without a full before it (F-MAN-2)")
    else:
        check_leaning(manifest, full)


def _check_same_tenant(manifest: Manifest, first: Manifest) -> None:
    if (manifest.tenant, manifest.simulated) != (first.tenant, first.simulated):
        kind = "simulated" if manifest.simulated else "real"
        raise WrongArchiveError(
            f"{entry_name_of(manifest.index)}: of the {kind} tenant {manifest.tenant[:80]!r}, and this archive "
            f"is that of {first.tenant[:80]!r} (F-MAN-3)"
        )
