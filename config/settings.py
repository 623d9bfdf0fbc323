"""The settings of one host, as strongroom.toml states them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from config.archive import MAX_STORES, ArchiveSettings
from config.errors import SettingsError
from config.export import ExportSettings
from config.keys import KeysSettings
from config.logs import LogsSettings
from config.schedule import ScheduleSettings
from config.section import Section
from config.store import StoreSettings
from config.tenant import TenantSettings


class Settings(Section):
    """All settings, proved to fit together. Paths are absolute; `source` is the file that they came from.

    Raises, when made: SettingsError (10), RefusedError (4), LockNotEnforcedError (21); `load_settings` turns
    pydantic's own complaints into these.
    """

    source: Path = Field(exclude=True)
    archive: ArchiveSettings = Field(description="This host.")
    tenant: TenantSettings = Field(description="The tenant that is archived.")
    export: ExportSettings = Field(default_factory=ExportSettings, description="What is read, and how hard.")
    schedule: ScheduleSettings = Field(default_factory=ScheduleSettings, description="When the service runs.")
    keys: KeysSettings = Field(default_factory=KeysSettings, description="Who signs, and for whom it is sealed.")
    logs: LogsSettings = Field(default_factory=LogsSettings, description="How long events are kept.")
    stores: tuple[StoreSettings, ...] = Field(
        default=(),
        max_length=MAX_STORES,
        description="Where bundles and the log are kept; one table for each store.",
    )

    @property
    def reads_by_changes(self) -> bool:
        """Whether runs, or pulses besides them, are to read what Graph says has changed."""
        return self.export.read == "delta" or self.schedule.pulse is not None

    @model_validator(mode="after")
    def _stores_are_distinct(self) -> Self:
        for what in ("name", "url"):
            values = [getattr(store, what) for store in self.stores]
            for value in values:
                if values.count(value) > 1:
                    raise SettingsError(
                        f"stores: two stores have the {what} {value!r}; a copy counts once.",
                        next_step=f"Give each store a {what} of its own, or remove one of them.",
                    )
        folders = [Path(os.path.realpath(store.directory)) for store in self.stores]
        for at, one in enumerate(folders):
            for other in folders[at + 1 :]:
                if one.is_relative_to(other) or other.is_relative_to(one):
                    raise SettingsError(
                        f"stores: {one} and {other} lie in one another; a copy counts once.",
                        next_step="Give each store a folder of its own, on a disk of its own.",
                    )
        return self

    @model_validator(mode="after")
    def _quorum_can_be_reached(self) -> Self:
        quorum = self.archive.store_quorum
        if quorum > len(self.stores):
            raise SettingsError(
                f"archive.store_quorum is {quorum}, and the number of stores is {len(self.stores)}: no run could end.",
                next_step="Lower archive.store_quorum, or add a [[stores]] table.",
            )
        return self

    @model_validator(mode="after")
    def _state_lies_outside_stores(self) -> Self:
        """The state holds the epoch's salts and the spool; a store is copied, published and never cleaned."""
        state = self.archive.state_dir
        for store in self.stores:
            if state.is_relative_to(store.directory) or store.directory.is_relative_to(state):
                raise SettingsError(
                    f"archive.state_dir and the store {store.name!r} lie in one another.",
                    next_step="Give the state and each store folders of their own, side by side.",
                )
        return self
