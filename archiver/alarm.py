"""An alarm: what must not be passed over in silence, said of a run or of the archive as it stands."""

from __future__ import annotations

from typing import NamedTuple


class Alarm(NamedTuple):
    """What needs a person. Kinds: state, failed, gap, drop, left-out, clock, store, spooled, stale.

    `since` (RFC 3339) and `next_step` are those of an alarm that is open; a run that raises one leaves them empty.
    """

    kind: str
    subject: str
    detail: str
    since: str = ""
    next_step: str = ""

    @property
    def of_run(self) -> dict[str, str]:
        """Its JSON in the result of a run: what it is about, and nothing that only the reader of `status` asks."""
        return {"kind": self.kind, "subject": self.subject, "detail": self.detail}
