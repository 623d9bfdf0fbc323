"""When the service starts the next run."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.doctor.check import FAIL, PASS, Check
from archiver.doctor.patient import Patient
from archiver.host_clock import words_of_span
from archiver.slot import next_slot, next_wait
from archiver.status import FRESH_FOR
from config.cron import cron_trigger
from verify.strict_json import text_of_time


def schedule_checks(patient: Patient) -> Iterator[Check]:
    """Says the next slot; of a schedule that is less than daily, also how long it is to the one after."""
    id_, title = "schedule", "Schedule"
    trigger, now = cron_trigger(patient.settings.schedule.cron), patient.clock()
    slot, wait = next_slot(trigger, now), next_wait(trigger, now)
    if slot is None:
        yield Check(id_, title, FAIL, "no run will ever start", "Correct schedule.cron.")
        return
    after = f", and the one after it {words_of_span(wait)} later" if wait > FRESH_FOR else ""
    yield Check(id_, title, PASS, f"next run at {text_of_time(slot)}{after}")
