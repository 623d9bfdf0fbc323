"""Microsoft's own recovery: it changes objects and leaves no trace in change queries (Microsoft Learn, Microsoft Entra
Backup and Recovery), so that what they name since then is not all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from archiver.gathering.reading import Reading, query_of
from archiver.graph.errors import LicenceMissingError, MalformedPageError, NotFoundError, ReadError
from archiver.graph.page import values_of
from archiver.graph.row import Bucket
from verify.strict_json import text_of_time

JOBS_PATH = "/directory/recovery/jobs"
AUDITS_PATH = "/auditLogs/directoryAudits"
JOB_HISTORY = timedelta(days=4)
"""How far back the list of jobs is trusted to go: Microsoft keeps five days of them."""
CLOCK_MARGIN = timedelta(minutes=10)
"""By how much this host's clock and Microsoft's may differ."""
_CATEGORY = "Backup and Recovery"


async def recovery_since(reading: Reading, since: datetime, now: datetime) -> str | None:
    """Says why Microsoft's recovery may have changed the tenant since; None if it has not.

    Its list of jobs is asked, and the audit log, which goes further back. A tenant without licence for either can't
    recover anything. That both can't be seen is a reason too.
    """
    since -= CLOCK_MARGIN
    jobs = f"{JOBS_PATH}{query_of(top=999)}"
    written = f"category eq '{_CATEGORY}' and activityDateTime ge {text_of_time(since)}"
    audits = f"{AUDITS_PATH}{query_of(filter=written)}"
    seen = [
        await _seen(reading, jobs, "directory", lambda job: _may_have_changed(job, since)),
        await _seen(reading, audits, "reports", _tells_recovery),
    ]
    for why in seen:
        if isinstance(why, str):
            return f"Microsoft's own recovery changed the tenant, which no change query tells: {why}"
    unseen = [why for why in seen if isinstance(why, ReadError)]
    if len(unseen) == len(seen) or (isinstance(seen[1], ReadError) and now - since > JOB_HISTORY):
        return f"whether Microsoft's own recovery changed the tenant can't be seen: {unseen[-1].message}"
    return None


async def _seen(
    reading: Reading, path: str, bucket: Bucket, tell: Callable[[dict[str, object]], str | None]
) -> str | ReadError | None:
    """Goes over a list and gives the first thing that `tell` says of an object, or why the list can't be had."""
    url = reading.reader.client.url_of("v1.0", path)
    try:
        async for page in reading.pages(url, bucket=bucket, units=1):
            for unverified in values_of(page.values):
                if (why := tell(_object_in(unverified))) is not None:
                    return why
    except (LicenceMissingError, NotFoundError):
        return None
    except ReadError as error:
        return error
    return None


def _may_have_changed(job: dict[str, object], since: datetime) -> str | None:
    """A preview changes nothing; any other job may have, also one that failed, was cancelled or goes on."""
    if "preview" in str(job.get("@odata.type", "")).lower():
        return None
    ended = _time_in(job.get("jobCompletionDateTime"))
    if ended is not None and ended < since:
        return None
    return f"job {job.get('id')} ({job.get('status')})"


def _tells_recovery(audit: dict[str, object]) -> str | None:
    """Any event of the category but those about previews, which change nothing."""
    activity = str(audit.get("activityDisplayName", ""))
    if "preview" in activity.lower():
        return None
    return f"{activity!r} in the audit log at {audit.get('activityDateTime')}"


def _object_in(unverified: msgspec.Raw) -> dict[str, object]:
    try:
        return msgspec.json.decode(unverified, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MalformedPageError("the answer holds something that is no object") from error


def _time_in(value: object) -> datetime | None:
    """The instant that a text of Graph's tells, None if it tells none."""
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
