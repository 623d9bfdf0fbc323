"""The links that ask Graph what has changed since the epoch's full: written with it, good for nothing else.

A change query answers for everything since its link, as a delta holds everything that differs from the full. So
the links are taken before the full is read, and stay until the next full.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

import msgspec

from archiver.gathering.since import ChangeLink, RecoveryTrace, Remarks
from archiver.graph.guid import GUID
from vault.durable import write_file
from vault.regular_file import beginning_of
from verify.errors import MalformedError
from verify.strict_json import text_of_time, time_of

_GUID = re.compile(GUID)
_MAX_BYTES = 16 * 1024 * 1024
"""Ten links of some kilobytes each, 50,000 ids that lead nowhere and 10,000 that are missing: about 11 MB."""


class ChangeLinks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`full_manifest_sha256` names the full, `began_at` a time before the links were taken.

    `recovery` is what was seen of Microsoft's own recovery then, `remarks` what is known of the full.
    """

    full_manifest_sha256: str
    began_at: str
    recovery: RecoveryTrace
    links: dict[str, ChangeLink]
    remarks: Remarks

    @classmethod
    def of(
        cls,
        full_manifest_sha256: str,
        began_at: datetime,
        recovery: RecoveryTrace,
        links: Mapping[str, ChangeLink],
        remarks: Remarks,
    ) -> Self:
        """The links of a full whose run began at that time."""
        return cls(full_manifest_sha256, text_of_time(began_at), recovery, dict(links), remarks)

    @classmethod
    def load(cls, file: Path) -> Self | None:
        """What is kept; None where nothing is, or what lies there can't be it. Raises OSError."""
        content = beginning_of(file, _MAX_BYTES)
        if content is None:
            return None
        try:
            kept = msgspec.json.decode(content, type=cls)
            time_of(kept.began_at)
            if not all(_GUID.fullmatch(one.id) for one in kept.remarks.dangling):
                return None
        except (msgspec.MsgspecError, ValueError, RecursionError, MalformedError):
            return None
        return kept

    def write(self, file: Path) -> None:
        """Keeps them in the place of any other. Raises OSError."""
        write_file(file, msgspec.json.encode(self) + b"\n")
