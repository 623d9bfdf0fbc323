"""`[logs]`: how long the tenant's logs are kept; `export.collections` says which of them are read."""

from __future__ import annotations

from config.section import Section, setting
from config.store import MAX_RETENTION_DAYS


class LogsSettings(Section):
    """The retention class of events, which is apart from that of snapshots."""

    retention_days: int | None = setting(
        "How long events (directory audits, sign-ins, provisioning) are to be kept, from the day on which they were "
        "sealed, in every store. When absent: as long as the store that keeps snapshots longest.",
        unit="days",
        example=730,
        default=None,
        ge=1,
        le=MAX_RETENTION_DAYS,
    )
