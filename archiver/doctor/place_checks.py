"""Checks of the places on disk: the state, the room left, and the stores."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from archiver.doctor.check import FAIL, PASS, WARN, Check
from archiver.doctor.patient import Patient
from archiver.escrow import Escrow
from archiver.refusal import refusal_of
from archiver.state.begun_run import BegunRun
from archiver.state.ledger_view import view_of
from archiver.state.process_lock import holder_of
from archiver.state.run_history import RunHistory
from archiver.state.state_folder import StateFolder
from archiver.state.state_format import require_state_format
from archiver.state.state_paths import StatePaths
from archiver.state.state_trouble import spool_error_of
from archiver.vaulting import open_stores, require_state_of
from vault.errors import ForkRefusedError, StoreError
from vault.ledger.delivery import require_held
from vault.regular_file import beginning_of
from verify.strict_json import text_of_time

LEAST_FREE_BYTES = 256 * 1024 * 1024
"""Bytes; the spool of a tenant of some thousand users, with its bundle, comes to less."""
COMFORTABLE_FREE_BYTES = 2 * 1024 * 1024 * 1024
FULLS_OF_ROOM = 4
"""Room for this many fulls: spool, staging, the outbox while a store is down, and the store itself."""


def state_checks(patient: Patient) -> Iterator[Check]:
    """The state folder: its rights, and whether a run holds it."""
    id_, title = "state", "State folder"
    folder = patient.settings.archive.state_dir
    try:
        is_there, parent = folder.exists(), _existing(folder)
    except OSError as error:
        raise spool_error_of(error, f"{folder} can't be looked at") from error
    if not is_there:
        if os.access(parent, os.W_OK | os.X_OK):
            yield Check(id_, title, PASS, f"{folder} does not exist yet; the first run makes it")
        else:
            yield Check(id_, title, FAIL, f"{folder} can't be made in {parent}", f"Make {folder} for this account.")
        return
    if not folder.is_dir():
        yield Check(id_, title, FAIL, f"{folder} is no folder", "Set archive.state_dir to a folder, or move that away.")
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Check(id_, title, FAIL, f"{folder} can't be written by this account", "Run as the archiver's account.")
        return
    require_state_format(folder)
    found = folder.stat()
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid != os.geteuid():
        yield Check(
            id_,
            title,
            WARN,
            f"{folder} belongs to account {found.st_uid}, and this is account {os.geteuid()}",
            "Run strongroom as the archiver's account; files of another account would stop the service.",
        )
    elif mode & stat.S_IRWXO:
        yield Check(id_, title, WARN, f"{folder} is open to every account (mode {mode:04o})", f"chmod 700 {folder}")
    else:
        yield _run_check(StateFolder(folder))


def _run_check(state: StateFolder) -> Check:
    """Whether a run is in progress, or was killed."""
    id_, title = "state", "State folder"
    _require_usable(state)
    killed, run = state.killed_run(), holder_of(state.lock)
    if killed is not None:
        what = f"the run of {text_of_time(killed.started_at)} (process {killed.process}) ended without a word"
        return Check(
            id_,
            title,
            WARN,
            f"{state.folder}; {what}",
            "Find out who killed it, or why this host went down (`journalctl -k`); the next run notes it.",
        )
    if BegunRun.is_unreadable(state.begun_file):
        return Check(
            id_,
            title,
            WARN,
            f"{state.begun_file} can't be read as the mark of a run: if one was killed, it is not known which",
            "See who wrote that file, and why the last run left it (`journalctl -k`); the next run replaces it.",
        )
    return Check(id_, title, PASS, f"{state.folder}; {f'process {run} runs' if run else 'no run in progress'}")


def _require_usable(state: StateFolder) -> None:
    """Finds what would stop a run before it reads anything. Raises SpoolError, MalformedError."""
    try:
        state.runs.require_writable()
        beginning_of(state.lock, 1)
    except OSError as error:
        raise spool_error_of(error, f"the state in {state.folder} can't be used") from error
    Escrow(state.escrow).records()


def ledger_checks(patient: Patient) -> Iterator[Check]:
    """Whose ledger it is, and what waits in it."""
    yield _ledger_check(patient)


def _ledger_check(patient: Patient) -> Check:
    id_, title = "ledger", "Ledger"
    head, waiting = patient.ledger
    chain, files = patient.trust
    refusal = refusal_of(patient.settings.archive.state_dir, chain.archive_id, files)
    if refusal is not None:
        return Check(id_, title, FAIL, refusal.message, refusal.next_step)
    forgotten = _forgotten_by_ledger(StatePaths(patient.settings.archive.state_dir))
    if forgotten:
        return Check(
            id_,
            title,
            FAIL,
            forgotten,
            "Put the newest archive.state_dir of this host back, whole. Without its ledger this archive can be "
            "verified and opened, and no longer be added to: found a new one beside it with `strongroom init`.",
        )
    if head is None:
        return Check(id_, title, PASS, "empty: nothing was sealed yet")
    detail = f"snapshots: {head.sequence}, log entries: {head.log_size}"
    if waiting and head.sequence:
        return Check(
            id_,
            title,
            WARN,
            f"{detail}, commits that still wait for a store: {len(waiting)}",
            "See `strongroom status`; the next run puts them once the store is back.",
        )
    return Check(id_, title, PASS, f"{detail}, waiting for the next run: {len(waiting)}")


def _forgotten_by_ledger(state: StatePaths) -> str:
    """What the history of runs has sealed and the ledger does not know of, "" if nothing.

    A run commits to the ledger before it is in the history, so that the ledger, looked at last, is never behind.
    """
    try:
        runs = RunHistory(state.runs_file).load().runs
    except OSError:
        return ""  # the finding of the check of the state folder
    newest = max((run.sequence or 0 for run in runs if run.is_sealed), default=0)
    head = view_of(state.ledger).head
    known = head.sequence if head else 0
    if newest <= known:
        return ""
    what = f"knows {f'snapshot {known} as the newest' if known else 'of no snapshot'}"
    return f"the history of runs says that snapshot {newest} was sealed, and the ledger {what}: it was lost, or is old"


def disk_checks(patient: Patient) -> Iterator[Check]:
    """The room left for spool and outbox, and in each store that is a folder."""
    head = patient.ledger.head if patient.has_ledger else None
    wanted = COMFORTABLE_FREE_BYTES
    if head is not None and head.full is not None:
        wanted = max(wanted, FULLS_OF_ROOM * head.full.bundle_bytes)
    yield _disk_check("disk.state", "Room for the state", patient.settings.archive.state_dir, wanted)
    for store in patient.settings.stores:
        yield _disk_check(f"disk.{store.name}", f"Room in the store {store.name}", store.directory, wanted)


def _disk_check(id_: str, title: str, folder: Path, wanted: int) -> Check:
    try:
        place = _existing(folder)
        free = shutil.disk_usage(place).free
    except OSError as error:
        step = "See that it is mounted, and that this account may enter the folders above it."
        return Check(id_, title, FAIL, f"{folder} can't be looked at: {error.strerror}", step)
    detail = f"{_size(free)} free at {place}"
    if free < LEAST_FREE_BYTES:
        return Check(id_, title, FAIL, detail, f"Make room: at least {_size(wanted)}.")
    if free < wanted:
        return Check(id_, title, WARN, f"{detail}, {_size(wanted)} would be comfortable", "Make room.")
    return Check(id_, title, PASS, detail)


def store_checks(patient: Patient) -> Iterator[Check]:
    """Each store can be written, and what it enforces; one copy in one place is said to be that."""
    stores = open_stores(patient.settings)
    for store in stores:
        id_, title = f"store.{store.name}", f"Store {store.name}"
        try:
            head = patient.ledger.head
            require_state_of(store, patient.trust[1], head.log_size if head else 0)
            due = patient.ledger.due_in(store.name)
            if due is not None:
                require_held(store, due)
            yield Check(id_, title, PASS, store.check())
        except (StoreError, ForkRefusedError) as error:
            yield Check(id_, title, FAIL, error.message, error.next_step)
    unlocked = [store.name for store in stores if store.mode == "none"]
    if unlocked:
        yield Check(
            "locks",
            "Locks of the stores",
            WARN,
            f"{', '.join(unlocked)}: nothing keeps an administrator, or a thief of this host, from deleting",
            "Copy the archive regularly to a medium that is then taken away (`strongroom mirror`).",
        )
    else:
        yield Check("locks", "Locks of the stores", PASS, "every store enforces its retention")
    if len(stores) < 2:
        yield Check(
            "copies",
            "Number of copies",
            WARN,
            f"{len(stores)} store: one fire, one fault or one thief takes every copy",
            "Add a second [[stores]] table, of another kind and in another place.",
        )
    else:
        yield Check("copies", "Number of copies", PASS, f"{len(stores)} stores")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists. Raises OSError where this account can't see that."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
