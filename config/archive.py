"""`[archive]`: what this host does, and where it keeps what it must remember."""

from __future__ import annotations

from typing import Literal

from config.place import Directory
from config.section import Section, setting

MAX_STORES = 16  # ours: more copies than any rule of custody asks for


class ArchiveSettings(Section):
    """The host's role, its state folder, and how many stores make a run done."""

    role: Literal["archive"] = setting(
        "What this host is for. A host that verifies on a schedule is another host with its own settings.",
        unit="one word",
        example="archive",
        default="archive",
    )
    state_dir: Directory = setting(
        "Folder for the state of runs, the spool and the service; made when it is absent.",
        unit="path",
        example="state",
    )
    store_quorum: int = setting(
        "How many stores must acknowledge a snapshot before the run counts as done.",
        unit="stores",
        example=1,
        default=1,
        ge=1,
        le=MAX_STORES,
    )
