"""Runs on the schedule of the settings until SIGTERM or Ctrl-C; made for a service manager.

Each run is a process of its own. A slot that was missed, because the service was down or a run took too
long, is made up for once. Stopped, it lets a run in progress end, within limits; stopped again, it does not.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys

from archiver.outbox import finish_outbox
from archiver.service import Service
from archiver.service_plan import Duty, ServicePlan
from archiver.state.state_folder import StateFolder
from config.cron import cron_trigger
from config.loading import load_settings
from config.settings import Settings
from strongroom.clock import now
from strongroom.console import Console
from verify.wording import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`daemon` has no arguments of its own."""


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Serves until it is told to stop; then exit 0."""
    settings = load_settings(arguments.config, os.environ)
    state = StateFolder(settings.archive.state_dir)
    service = Service(
        ServicePlan(
            state=state,
            duties=_duties_of(settings),
            finish_outbox=lambda: finish_outbox(settings, state, now, console.warn),
            clock=now,
            say=console.say,
        )
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())
    service.serve()
    console.show(
        {"runs": service.runs, "failed": service.failed},
        [f"stopped after {counted(service.runs, 'run')}, {service.failed} failed"],
    )
    return 0


def _duties_of(settings: Settings) -> list[Duty]:
    """Runs before pulses: a run that is due at the same time does what the pulse would."""
    command = [sys.executable, "-m", "strongroom", "run", "--config", str(settings.source), "--json"]
    duties = [Duty("run", cron_trigger(settings.schedule.cron), command)]
    if settings.schedule.pulse is not None:
        duties.append(Duty("pulse", cron_trigger(settings.schedule.pulse), [*command, "--pulse"]))
    return duties
