"""Microsoft's own recovery changes objects and is in no change query: a reading by changes looks for it first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from archiver.gathering.gathered import Gathered
from archiver.gathering.recovery_watch import why_untold
from archiver.gathering.since import RecoveryTrace
from tests.archiver.change_kit import NOTHING, ROLES, Json, Known, changed, since, told
from tests.archiver.gather_kit import Prepare, error_answer, gathered_from, with_users
from tests.graph.small_tenant import SmallTenant

JOB = {"id": "job-1", "@odata.type": "#microsoft.graph.entraRecoveryServices.recoveryJob", "status": "successful"}
DONE = {**JOB, "jobCompletionDateTime": "2026-11-20T10:00:00Z"}
AUDIT = {"id": "audit-1", "category": "Backup and Recovery", "activityDisplayName": "Recovery job completed"}


def _pulse_of(folder: Path, prepare: Prepare, began: timedelta = timedelta(days=2)) -> Gathered:
    """A reading by changes of users, none of whom changed since `began` ago."""
    known = Known(users=[f"u{n:04}" for n in range(30)])
    tenant = told(with_users(30), changed("users"), prepare)
    return gathered_from(folder, ["users"], tenant, since=since("users", known=known, began=began), roles=ROLES)[0]


@pytest.mark.parametrize(
    ("before", "jobs", "audits", "is_trusted"),
    [
        (NOTHING, [], [], True),
        (NOTHING, [DONE], [], False),
        (RecoveryTrace({"job-1": True}, {}), [DONE], [], True),
        (RecoveryTrace({"job-1": True}, {}), [], [], True),
        (RecoveryTrace({"job-1": True}, {}), [DONE, {**DONE, "id": "job-2"}], [], False),
        (RecoveryTrace({"job-1": False}, {}), [DONE], [], False),
        (RecoveryTrace({"job-1": False}, {}), [], [], False),
        (NOTHING, [{**JOB, "jobCompletionDateTime": None, "status": "running"}], [], False),
        (NOTHING, [{**DONE, "status": "failed"}], [], False),
        (NOTHING, [{**DONE, "@odata.type": "#microsoft.graph.entraRecoveryServices.recoveryPreviewJob"}], [], True),
        (NOTHING, [], [AUDIT], False),
        (RecoveryTrace({}, {"audit-1": True}), [], [AUDIT], True),
        (NOTHING, [], [{**AUDIT, "activityDisplayName": "Preview job completed"}], True),
        (RecoveryTrace(None, {}), [DONE], [], True),
        (RecoveryTrace(None, {}), [DONE], [AUDIT], False),
        (RecoveryTrace(None, None), [], [], False),
    ],
)
def test_microsofts_own_recovery_leads_to_a_reading_of_everything(
    tmp_path: Path, before: RecoveryTrace, jobs: list[Json], audits: list[Json], is_trusted: bool
) -> None:
    """What it changes is in no change query, so that a daily pulse would carry the state before it for a week."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/directory/recovery/jobs"] = jobs
        tenant.lists["/auditLogs/directoryAudits"] = audits

    gathered, sink, tenant = gathered_from(
        tmp_path,
        ["users"],
        told(with_users(30), changed("users"), prepare),
        since=since("users", known=Known(users=[f"u{n:04}" for n in range(30)]), recovery=before),
        roles=ROLES,
    )
    assert (len(sink.values("users")) == 0) == is_trusted
    assert bool(gathered.changes.again) == is_trusted
    seen_to_be_used = before.jobs is not None or before.audits is not None
    assert gathered.changes.are_spent == (not is_trusted and seen_to_be_used)
    asked = [url.replace("+", " ") for url in tenant.asked if "directoryAudits" in url]
    assert asked == ["/v1.0/auditLogs/directoryAudits?$filter=category eq 'Backup and Recovery'"]
    if not is_trusted:
        assert "recovery changed the tenant" in gathered.changes.why_whole["users"]


@pytest.mark.parametrize(
    ("days", "refused", "is_trusted"),
    [
        (2, ["/directory/recovery/jobs"], True),
        (2, ["/auditLogs/directoryAudits"], True),
        (5, ["/auditLogs/directoryAudits"], False),
        (5, ["/directory/recovery/jobs"], True),
        (2, ["/directory/recovery/jobs", "/auditLogs/directoryAudits"], False),
    ],
)
def test_whether_somebody_recovered_has_to_be_seen(
    tmp_path: Path, days: int, refused: list[str], is_trusted: bool
) -> None:
    """Microsoft lists its jobs for five days; a link may be older than that, and then only the audit log tells."""

    def prepare(tenant: SmallTenant) -> None:
        for path in refused:
            tenant.on(path, error_answer(403, "Authorization_RequestDenied"))

    gathered = _pulse_of(tmp_path, prepare, timedelta(days=days))
    assert bool(gathered.changes.again) == is_trusted
    if not is_trusted:
        assert "can't be seen" in gathered.changes.why_whole["users"]


def test_a_list_of_recoveries_that_is_not_found_says_nothing(tmp_path: Path) -> None:
    """A 404 may be a replica's that lags: it is no proof that nobody recovered."""

    def prepare(tenant: SmallTenant) -> None:
        for path in ("/directory/recovery/jobs", "/auditLogs/directoryAudits"):
            tenant.on(path, error_answer(404, "Request_ResourceNotFound"))

    gathered = _pulse_of(tmp_path, prepare)
    assert "can't be seen" in gathered.changes.why_whole["users"]


def test_a_full_remembers_what_was_to_be_seen_of_recoveries(tmp_path: Path) -> None:
    """Ids are compared and not times: nobody's clock has to be right."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/directory/recovery/jobs"] = [DONE, {**JOB, "id": "job-2"}]
        tenant.on("/auditLogs/directoryAudits", error_answer(403, "Authorization_RequestDenied"))

    gathered, _, _ = gathered_from(tmp_path, ["users"], told(with_users(3), prepare), roles=ROLES)
    assert gathered.changes.recovery == RecoveryTrace({"job-1": True, "job-2": False}, None)


def test_a_tenant_without_licence_for_recovery_has_not_recovered(tmp_path: Path) -> None:
    """Where the product is not there, nobody can have used it."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.on("/directory/recovery/jobs", error_answer(403, "needs a premium licence"))
        tenant.on("/auditLogs/directoryAudits", error_answer(403, "needs a premium licence"))

    gathered = _pulse_of(tmp_path, prepare)
    assert list(gathered.changes.again) == ["users"]


def test_of_many_recoveries_a_few_are_named() -> None:
    """The reason stands in the run's document once for each collection; recoveries leave audits by the thousand."""
    now = RecoveryTrace({}, {f"audit-{n}": True for n in range(5000)})
    why = why_untold(NOTHING, now, timedelta(days=1))
    assert why is not None and why.endswith("audit audit-0, audit audit-1, audit audit-2 and 4997 more")
