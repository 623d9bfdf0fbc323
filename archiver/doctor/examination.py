"""The examination: every probe in order, each on its own; what breaks one is that probe's finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from archiver.collection_choice import chosen_rows
from archiver.doctor.check import FAIL, NOT_CHECKED, PASS, Check
from archiver.doctor.choice_checks import choice_checks
from archiver.doctor.custody_checks import custody_checks
from archiver.doctor.graph_checks import certificate_checks, graph_checks
from archiver.doctor.key_checks import key_file_checks, recipient_checks, signer_checks, trust_root_checks
from archiver.doctor.patient import Patient
from archiver.doctor.place_checks import disk_checks, ledger_checks, state_checks, store_checks
from archiver.doctor.schedule_checks import schedule_checks
from archiver.graph.catalogue import load_catalogue
from config.loading import load_settings
from config.settings import Settings
from verify.errors import StrongroomError


class Probe(NamedTuple):
    """A group of checks; `id` and `title` name the finding when the probe itself breaks off.

    `needs_trust`, `needs_ledger`: without one that can be used there is nothing to compare with.
    """

    id: str
    title: str
    checks_of: Callable[[Patient], Iterable[Check]]
    needs_trust: bool = False
    needs_ledger: bool = False


PROBES = (
    Probe("choice", "What is archived", choice_checks),
    Probe("schedule", "Schedule", schedule_checks),
    Probe("key-files", "Files of keys", key_file_checks),
    Probe("trust-root", "Trust root", trust_root_checks),
    Probe("signer", "Signer and trust root", signer_checks, needs_trust=True),
    Probe("recipients", "Recipients", recipient_checks, needs_trust=True, needs_ledger=True),
    Probe("identity-apart", "Private keys are off this host", custody_checks),
    Probe("state", "State folder", state_checks),
    Probe("ledger", "Ledger", ledger_checks, needs_trust=True),
    Probe("disk", "Room on disk", disk_checks),
    Probe("stores", "Stores", store_checks, needs_trust=True, needs_ledger=True),
    Probe("certificate", "Certificate of the credential", certificate_checks),
    Probe("credential", "Sign-in", graph_checks),
)


def examine(config: Path | None, environ: Mapping[str, str], clock: Callable[[], datetime]) -> Iterator[Check]:
    """Yields every check as soon as it is known; never raises for what is wrong with the host.

    Settings that name missing files are examined further without these files.
    """
    check, settings = _settings_check(config, environ)
    yield check
    if settings is None:
        for probe in PROBES:
            yield Check(probe.id, probe.title, NOT_CHECKED, "the settings can't be used")
        return
    patient = Patient(settings, clock)
    for probe in PROBES:
        yield from _findings_of(probe, patient)


def _settings_check(config: Path | None, environ: Mapping[str, str]) -> tuple[Check, Settings | None]:
    try:
        settings = load_settings(config, environ)
        chosen_rows(settings.export, load_catalogue())
        return Check("settings", "Settings", PASS, str(settings.source)), settings
    except StrongroomError as error:
        check = Check("settings", "Settings", FAIL, error.message, error.next_step)
    try:
        return check, load_settings(config, environ, require_files=False)
    except StrongroomError:
        return check, None


def _findings_of(probe: Probe, patient: Patient) -> Iterator[Check]:
    """A probe must not take the others down, whatever it meets: a doctor is called when things are broken."""
    if probe.needs_trust and not patient.has_trust:
        yield Check(probe.id, probe.title, NOT_CHECKED, "the trust root can't be used")
        return
    if probe.needs_ledger and not patient.has_ledger:
        yield Check(probe.id, probe.title, NOT_CHECKED, "the ledger can't be used")
        return
    id_ = probe.id
    try:
        for check in probe.checks_of(patient):
            id_ = f"{probe.id}.rest" if check.id == probe.id else id_
            yield check
    except StrongroomError as error:
        yield Check(id_, probe.title, FAIL, error.message, error.next_step)
    except OSError as error:
        detail = f"can't be looked at: {error.filename or 'a file'}: {error.strerror or error}"
        yield Check(id_, probe.title, FAIL, detail, "See what lies there, and that this account may read it.")
    except Exception as error:
        detail = f"the check itself broke off: {type(error).__name__}: {' '.join(str(error).split())}"
        yield Check(id_, probe.title, FAIL, detail, "If the message does not explain it, report it as a defect.")
