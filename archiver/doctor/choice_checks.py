"""What the settings choose to archive."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from archiver.collection_choice import chosen_rows
from archiver.doctor.check import NOT_CHECKED, PASS, WARN, Check
from archiver.doctor.patient import Patient
from archiver.graph.catalogue import load_catalogue
from archiver.left_out import left_out_of, logs_of, words_of_left_out
from config.errors import SettingsError
from verify.wording import counted


def choice_checks(patient: Patient) -> Iterator[Check]:
    """Names what the settings leave out though a rebuild needs it."""
    id_, title = "choice", "What is archived"
    catalogue = load_catalogue()
    try:
        rows = chosen_rows(patient.settings.export, catalogue)
    except SettingsError:
        yield Check(id_, title, NOT_CHECKED, "what is to be read is not known, see Settings")
        return
    needed = left_out_of(catalogue, rows)
    known = logs_of(patient.ledger.head) if patient.has_ledger else ()
    logs = sorted(set(left_out_of(catalogue, rows, known)) - set(needed))
    if not needed and not logs:
        yield Check(id_, title, PASS, f"{counted(len(rows), 'collection')}, and all that a rebuild needs is among them")
        return
    yield Check(
        id_,
        title,
        WARN,
        f"export.collections leaves out {' and '.join(_parts_of(needed, logs))}",
        "Choose `all`, and add what else is wanted, unless this is meant.",
    )


def _parts_of(needed: Collection[str], logs: Collection[str]) -> Iterator[str]:
    if logs:
        yield f"logs of which events are archived ({words_of_left_out(logs)})"
    if needed:
        yield f"what a rebuild needs: {words_of_left_out(needed)}"
