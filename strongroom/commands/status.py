"""Shows the last runs, the next one, whether the archive is fresh, its stores, and open alarms.

Exit 3 when the archive is not fresh or an alarm is open. Fresh means that the newest snapshot is no older
than the trust root's policy says, or without one than 26 hours (two hours more than the time between two runs
of a schedule that is less than daily).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from archiver.refusal import refusal_of
from archiver.state.ledger_view import LedgerView, view_of
from archiver.state.process_lock import holder_of
from archiver.state.run_history import History
from archiver.state.state_folder import StateFolder
from archiver.state.state_format import require_state_format
from archiver.state.state_trouble import spool_error_of
from archiver.status import Status, status_of
from archiver.vaulting import open_stores, open_trust
from config.loading import load_settings
from strongroom.clock import now
from strongroom.console import Console
from vault.errors import ForkRefusedError
from vault.signing.log_writer import TrustFiles
from verify.trust_root import RootChain
from verify.wording import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`status` has no arguments of its own."""


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Reports; exit 3 when not fresh or when an alarm is open."""
    settings = load_settings(arguments.config, os.environ, require_files=False)
    state = StateFolder(settings.archive.state_dir)
    require_state_format(state.folder)
    trust = open_trust(settings) if settings.keys.trust_root_file is not None else None
    try:
        history, (ledger, damage) = state.seen_history(), _ledger_in(state)
        refusal = refusal_of(state.folder, trust[0].archive_id, trust[1], open_stores(settings)) if trust else None
    except OSError as error:
        raise spool_error_of(error, f"the state in {state.folder} can't be read") from error
    status = status_of(settings, history.runs, ledger, _max_age_of(trust), now(), refusal or damage)
    running, service = holder_of(state.lock), holder_of(state.service_lock)
    document = {**status.document, "running": running, "service": service, "damaged_runs": history.damaged}
    console.show(document, [*lines_of(status, running, service), *_damage_lines(history)])
    return 0 if status.fresh and not status.alarms else 3


def _ledger_in(state: StateFolder) -> tuple[LedgerView | None, ForkRefusedError | None]:
    """The ledger, or why the next run refuses it. Raises OSError."""
    try:
        return view_of(state.ledger), None
    except ForkRefusedError as damage:
        return None, damage


def _damage_lines(history: History) -> list[str]:
    """A power cut may damage the history; that hides runs, and no snapshot."""
    if not history.damaged:
        return []
    lines = counted(history.damaged, "damaged line")
    return ["", f"left out of the history: {lines} of runs.jsonl; no snapshot depends on that"]


def _max_age_of(trust: tuple[RootChain, TrustFiles] | None) -> timedelta | None:
    """What the trust root asks for; a host without a trust root is asked for nothing."""
    if trust is None:
        return None
    hours = trust[0].newest.policy.max_age_hours
    return timedelta(hours=hours) if hours else None


def lines_of(status: Status, running: int | None, service: int | None) -> list[str]:
    """The report as text. `running` and `service` are processes, or None."""
    document = status.document
    return [
        f"fresh    {_freshness(document)}",
        f"next     {document['next'] or 'never: the schedule has no more slots'}"
        f"{f' (service: process {service})' if service else ' (the service does not run here)'}",
        f"running  {f'a run, process {running}' if running else 'nothing'}",
        "",
        "runs, newest first:",
        *([_run_line(run) for run in document["runs"]] or ["  none yet"]),
        "",
        "stores:",
        *(
            f"  {store['name']}: {_lag_of(store)}; what it holds: `strongroom verify {store['name']} --level 0`"
            if store["last_observed_at"] is None
            else f"  {store['name']}: {_lag_of(store)}; observed at {store['last_observed_at']}"
            for store in status.stores
        ),
        "",
        f"alarms: {len(status.alarms) or 'none'}",
        *(line for alarm in document["alarms"] for line in _alarm_lines(alarm)),
    ]


def _freshness(document: Mapping[str, Any]) -> str:
    if document["fresh_until"] is None:
        return "no: see the alarms" if document["runs"] else "no: there is no snapshot"
    return f"{'yes, until' if document['fresh'] else 'no, since'} {document['fresh_until']}"


def _run_line(run: Mapping[str, Any]) -> str:
    began = run.get("started_at", "?")
    if run.get("outcome") == "failed":
        return f"  {began}  failed    {(run.get('error') or {}).get('message', '')}"
    records = run.get("state_count")
    size = counted(records, "record") if isinstance(records, int) else "? records"
    what = f"snapshot {run.get('sequence')} ({run.get('kind')}), {size}"
    gaps = f", gaps: {len(run['gaps'])}" if run.get("gaps") else ""
    events = f", {counted(run['events']['events'], 'event')}" if run.get("events") else ""
    return f"  {began}  {run.get('outcome')!s:8}  {what}{events}, {run.get('seconds')} s{gaps}"


def _lag_of(store: Mapping[str, Any]) -> str:
    lag = store["lag_snapshots"]
    if lag is None:
        return "what waits for it is not known"
    return f"behind by {lag}" if lag else "nothing waits for it"


def _alarm_lines(alarm: Mapping[str, Any]) -> list[str]:
    since = f" (since {alarm['since']})" if alarm["since"] else ""
    return [f"  {alarm['kind']:8} {alarm['detail']}{since}", f"           next: {alarm['next_step']}"]
