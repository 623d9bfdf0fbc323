"""How the archive stands: the last runs, the next one, freshness, stores, and what is alarming."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from archiver.alarm import Alarm
from archiver.graph.errors import GAP_STEPS
from archiver.host_clock import CLOCK_TOLERANCE
from archiver.run_error import RunError
from archiver.slot import next_slot, next_wait
from archiver.state.ledger_view import LedgerView
from archiver.state.run_record import RunRecord
from config.cron import cron_trigger
from config.settings import Settings
from vault.ledger.delivery import REFUSED
from verify.errors import StrongroomError
from verify.strict_json import text_of_time
from verify.wording import counted

SHOWN_RUNS = 10
FRESH_FOR = timedelta(hours=26)
"""A daily snapshot and two hours for the run; longer only where the slots of the schedule lie wider apart."""
RUN_ALLOWANCE = timedelta(hours=2)


@dataclass(frozen=True)
class Status:
    """`runs`: newest first, as in the history. `fresh_until`: when the newest snapshot stops being fresh, None
    without a snapshot, and for one whose date lies in the future.
    """

    runs: Sequence[RunRecord]
    next_at: datetime | None
    fresh_until: datetime | None
    fresh: bool
    stores: Sequence[Mapping[str, Any]]
    alarms: Sequence[Alarm]

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of `strongroom status`."""
        return {
            "runs": [run.document for run in self.runs],
            "next": text_of_time(self.next_at) if self.next_at else None,
            "fresh": self.fresh,
            "fresh_until": text_of_time(self.fresh_until) if self.fresh_until else None,
            "stores": list(self.stores),
            "alarms": [alarm._asdict() for alarm in self.alarms],
        }


def status_of(
    settings: Settings,
    history: Sequence[RunRecord],
    ledger: LedgerView | None,
    max_age: timedelta | None,
    now: datetime,
    refusal: StrongroomError | None = None,
) -> Status:
    """Returns how the archive stands at `now`.

    `history` is oldest first; `ledger` is None where a damaged one can't be read; `max_age` is the trust root's
    greatest age of a snapshot, or None. `refusal` is why the next run would be refused, as far as a look tells.
    """
    trigger = cron_trigger(settings.schedule.cron)
    allowed = max_age or max(FRESH_FOR, next_wait(trigger, now) + RUN_ALLOWANCE)
    sealed = [run for run in history if run.is_sealed]
    fresh_until = _fresh_until(sealed, allowed, now)
    fresh = fresh_until is not None and now <= fresh_until
    stores = [
        {
            "name": store.name,
            "lag_snapshots": ledger.lag_of(store.name) if ledger else None,
            "last_observed_at": None,
        }
        for store in settings.stores
    ]
    alarms = [
        *_state_alarms(refusal),
        *_stale_alarms(sealed, fresh, allowed, now, refusal),
        *_run_alarms(history, sealed),
        *_refusal_alarms(sealed),
        *_store_alarms(stores),
    ]
    pulse = cron_trigger(settings.schedule.pulse) if settings.schedule.pulse else trigger
    slots = [slot for one in (trigger, pulse) if (slot := next_slot(one, now)) is not None]
    return Status(history[-SHOWN_RUNS:][::-1], min(slots, default=None), fresh_until, fresh, stores, alarms)


def _fresh_until(sealed: Sequence[RunRecord], allowed: timedelta, now: datetime) -> datetime | None:
    """None without a snapshot, and for one from the future: by a clock that was ahead, it would stay fresh for long."""
    ended_at = sealed[-1].ended_at if sealed else None
    return None if ended_at is None or ended_at > now + CLOCK_TOLERANCE else ended_at + allowed


def _state_alarms(refusal: StrongroomError | None) -> list[Alarm]:
    """A state that the next run refuses: told before that run, and for as long as it is so."""
    if refusal is None:
        return []
    return [Alarm("state", "archive", f"the next run will be refused: {refusal.message}", "", refusal.next_step)]


def _stale_alarms(
    sealed: Sequence[RunRecord], fresh: bool, allowed: timedelta, now: datetime, refusal: StrongroomError | None
) -> list[Alarm]:
    if fresh:
        return []
    if not sealed:
        return [
            Alarm(
                "stale",
                "archive",
                "nothing was archived yet" if refusal is None else "this host knows of no snapshot",
                "",
                "Run `strongroom run`, or start the service." if refusal is None else refusal.next_step,
            )
        ]
    ended_at = text_of_time(sealed[-1].ended_at)
    if sealed[-1].ended_at > now:
        detail = f"the newest snapshot is dated {ended_at}, in the future: this host's clock is wrong, or was"
        return [Alarm("stale", "archive", detail, "", "Set this host's clock and keep it set (NTP), then run again.")]
    return [
        Alarm(
            "stale",
            "archive",
            f"the newest snapshot is older than {counted(round(allowed.total_seconds() / 3600), 'hour')}",
            ended_at,
            "See that the service runs (`strongroom daemon`), and why the last runs failed.",
        )
    ]


def _run_alarms(history: Sequence[RunRecord], sealed: Sequence[RunRecord]) -> list[Alarm]:
    """Of the last run, if it failed, and of the last snapshot: a later run that went well closes an alarm."""
    alarms = []
    if history and not history[-1].is_sealed:
        alarms.append(
            Alarm(
                "failed",
                "run",
                _words_of(history[-1].error),
                text_of_time(history[-1].ended_at),
                "Run `strongroom doctor`; it says what to do about most of what stops a run.",
            )
        )
    for run in sealed[-1:]:
        since = text_of_time(run.ended_at)
        alarms += [alarm._replace(since=since, next_step=_run_step_of(alarm, run)) for alarm in run.alarms]
    return alarms


def _words_of(error: RunError | None) -> str:
    if error is None:
        return "it does not say why"
    return f"{error.name} (exit {error.code}): {error.message}"


def _run_step_of(alarm: Alarm, run: RunRecord) -> str:
    """What is to be done: about gaps, what each of their reasons asks for."""
    gaps = [gap for gap in run.gaps if alarm.kind == "gap" and gap.collection == alarm.subject]
    reasons = dict.fromkeys(gap.reason for gap in gaps)
    steps = dict.fromkeys(GAP_STEPS[reason] for reason in reasons if reason in GAP_STEPS)
    return " ".join(steps) or _RUN_STEPS.get(alarm.kind, _LOOK)


def _refusal_alarms(sealed: Sequence[RunRecord]) -> list[Alarm]:
    """Stores that refused the last snapshot for good: other bytes under a name."""
    return [
        Alarm(
            "store",
            store.name,
            f"the store {store.name} refused the snapshot: {store.error or 'no reason given'}",
            text_of_time(run.ended_at),
            "Somebody has to look before the next run: find out who wrote there, or what its lock is.",
        )
        for run in sealed[-1:]
        for store in run.stores
        if store.outcome == REFUSED
    ]


def _store_alarms(stores: Sequence[Mapping[str, Any]]) -> list[Alarm]:
    return [
        Alarm(
            "spooled",
            str(store["name"]),
            f"snapshots that wait for the store {store['name']}: {store['lag_snapshots']}",
            "",
            "Make the store reachable and writable; the next run, or the service, puts them. One that is new, or came "
            "back empty or old, is filled with `strongroom mirror ANOTHER_STORE --to ITS_FOLDER`.",
        )
        for store in stores
        if store["lag_snapshots"]
    ]


_LOOK = "Look at what the run said (`strongroom status --json`)."
_RUN_STEPS = {
    "gap": "See why in the gaps of that run (`strongroom status --json`).",
    "clock": "Set this host's clock and keep it set (NTP); the snapshot is whole, and its date is what it is.",
    "left-out": "Put it back into export.collections; if it is meant to be left out, the alarm ends after 30 days.",
    "drop": "Compare the two snapshots (`strongroom diff`); if the drop was not meant, keep both.",
}
