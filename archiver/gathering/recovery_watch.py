"""Microsoft's own recovery: it changes objects and leaves no trace in change queries (Microsoft Learn, Microsoft Entra
Backup and Recovery), so that what they name since then is not all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import msgspec

from archiver.gathering.reading import PREPARATION_SECONDS, Reading, query_of
from archiver.gathering.since import RecoveryTrace
from archiver.graph.errors import LicenceMissingError, MalformedPageError, ReadError
from archiver.graph.page import values_of
from archiver.graph.permission import RECOVERY_AUDITS, RECOVERY_JOBS
from archiver.graph.row import Bucket

JOBS = "/directory/recovery/jobs" + query_of(top=999)
AUDITS = "/auditLogs/directoryAudits" + query_of(filter="category eq 'Backup and Recovery'")
JOB_HISTORY = timedelta(days=4)
"""How far back the list of jobs is trusted to go: Microsoft keeps five days of them, and of audits seven at least."""
_IDS_SHOWN = 3
"""Of jobs or audits, in a reason that stands in the history of runs once for each collection."""


async def trace_of_recovery(reading: Reading) -> RecoveryTrace:
    """Gives what Graph shows of recoveries, in its list of jobs and in the audit log.

    A tenant without licence for one of them can't have used it.
    """
    jobs, audits = await asyncio.gather(
        _seen(reading, JOBS, "directory", _job_in), _seen(reading, AUDITS, "reports", _audit_in)
    )
    return RecoveryTrace(jobs, audits)


def why_untold(before: RecoveryTrace, now: RecoveryTrace, age: timedelta) -> str | None:
    """Says why change queries since `before`, `age` ago, may not tell everything; None if they do.

    Ids are compared and not times, so that nobody's clock has to be right.
    """
    if used := _used_since(before, now):
        words = ", ".join(used[:_IDS_SHOWN]) + (f" and {more} more" if (more := len(used) - _IDS_SHOWN) > 0 else "")
        return f"Microsoft's own recovery changed the tenant, which no change query tells: {words}"
    jobs_told = before.jobs is not None and now.jobs is not None and age <= JOB_HISTORY
    audits_told = before.audits is not None and now.audits is not None
    if not jobs_told and not audits_told:
        return f"whether Microsoft's own recovery changed the tenant can't be seen ({RECOVERY_JOBS}, {RECOVERY_AUDITS})"
    return None


def was_used(before: RecoveryTrace, now: RecoveryTrace) -> bool:
    """Whether what is seen shows that there was a recovery since `before`."""
    return bool(_used_since(before, now))


def _used_since(before: RecoveryTrace, now: RecoveryTrace) -> list[str]:
    """Jobs and audits that are new, or were not over before: also those that nobody shows any more."""
    used = []
    for name, was, found in (("job", before.jobs, now.jobs), ("audit", before.audits, now.audits)):
        if was is None or found is None:
            continue
        used += [f"{name} {id_}" for id_ in found if not was.get(id_)]
        used += [f"{name} {id_}" for id_, is_over in was.items() if not is_over and id_ not in found]
    return used


async def _seen(
    reading: Reading, path: str, bucket: Bucket, tell: Callable[[dict[str, object]], bool | None]
) -> dict[str, bool] | None:
    """Goes over a list and gives the ids that `tell` has a word for; None where nobody may, or can, see it."""
    url = reading.reader.client.url_of("v1.0", path)
    found: dict[str, bool] = {}
    try:
        async with asyncio.timeout(PREPARATION_SECONDS):
            async for page in reading.pages(url, bucket=bucket, units=1):
                for value in map(_object_in, values_of(page.values)):
                    if (is_over := tell(value)) is not None:
                        found[str(value.get("id"))] = is_over
    except LicenceMissingError:
        return found
    except (ReadError, TimeoutError):
        return None
    return found


def _job_in(job: dict[str, object]) -> bool | None:
    """Whether a job is over. A preview changes nothing; any other may have, also one that failed or was cancelled."""
    if "preview" in str(job.get("@odata.type", "")).lower():
        return None
    return isinstance(job.get("jobCompletionDateTime"), str)


def _audit_in(audit: dict[str, object]) -> bool | None:
    """Any event of the category but those about previews."""
    return None if "preview" in str(audit.get("activityDisplayName", "")).lower() else True


def _object_in(unverified: msgspec.Raw) -> dict[str, object]:
    try:
        return msgspec.json.decode(unverified, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedPageError("the answer holds something that is no object") from error
