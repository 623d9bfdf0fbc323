"""Latency: every answer waits, and none keeps another waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from recovery.rehearsal.__main__ import parser_of
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.serving.options import LONGEST_LATENCY_MS
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from tests.rehearsal.sdk import SdkClient

LATENCY_MS = 400
ANSWERS = 20


def test_answers_wait_together_and_without_the_processor(
    changing_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """Twenty at a time take about as long as one, so a client's pipelining shows."""
    client = client_of(changing_tenant)
    client.get("/v1.0/users?$top=1")
    changing_tenant.set_latency(LATENCY_MS)
    used, started = _processor_seconds_of(changing_tenant), time.monotonic()
    answers = client.together(*["/v1.0/users?$top=1"] * ANSWERS)
    took, used = time.monotonic() - started, _processor_seconds_of(changing_tenant) - used
    assert all(got.status == 200 for got in answers)
    assert LATENCY_MS / 1000 <= took < ANSWERS * LATENCY_MS / 1000 / 2
    assert used < ANSWERS * LATENCY_MS / 1000 / 2


def _processor_seconds_of(tenant: RunningTenant) -> float:
    """Seconds that the tenant's process has used so far."""
    words = Path(f"/proc/{tenant.process_id}/stat").read_text().rpartition(") ")[2].split()
    return (int(words[11]) + int(words[12])) / 100


def test_a_tenant_is_started_with_a_latency_and_its_controls_do_not_wait(
    tmp_path: Path, client_of: Callable[..., SdkClient]
) -> None:
    """Signing in waits too: the authority is as far away as Graph."""
    with simulated_tenant(tmp_path / "far", users=40, latency_ms=LATENCY_MS) as tenant:
        started = time.monotonic()
        tenant.stats()
        assert time.monotonic() - started < LATENCY_MS / 1000
        started = time.monotonic()
        assert client_of(tenant).get("/v1.0/organization").status == 200
        assert time.monotonic() - started >= 2 * LATENCY_MS / 1000


def test_a_latency_out_of_bounds_is_refused(adjustable_tenant: RunningTenant) -> None:
    """By the command line and by the controls."""
    for bad in (-1, LONGEST_LATENCY_MS + 1):
        with pytest.raises(ScriptError):
            adjustable_tenant.set_latency(bad)
        with pytest.raises(SystemExit):
            parser_of().parse_args(["--dir", "x", f"--latency-ms={bad}"])
