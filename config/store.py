"""`[[stores]]`: a place that keeps bundles and the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ValidationInfo, model_validator

from config.place import Place, problem
from config.section import Section, setting
from config.store_word import DIRECTORY_SCHEME, STORE_NAME
from verify.errors import LockNotEnforcedError

MAX_RETENTION_DAYS = 36_525  # S3 Object Lock's greatest retention is 100 years (S3 user guide, Object Lock)


def _absolute_url(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str):
        return value
    if not value.startswith(DIRECTORY_SCHEME):
        raise problem("value", "is not the URL of a store", "Write dir:PATH, such as dir:../archive.")
    if not isinstance(info.context, Place):
        raise TypeError("URLs of stores are read in a Place; use load_settings")
    return f"{DIRECTORY_SCHEME}{info.context.folder_of(value.removeprefix(DIRECTORY_SCHEME))}"


class StoreSettings(Section):
    """One store: its name, where it is, and the lock that is asked of it."""

    name: str = setting(
        "Name of the store, for the command line and for reports.",
        unit="lower-case letters, digits, - and _",
        example="vault",
        pattern=f"^{STORE_NAME}$",
    )
    url: Annotated[str, BeforeValidator(_absolute_url)] = setting(
        "Where the store is: dir:PATH for a folder.",
        unit="URL",
        example="dir:../archive",
    )
    retention_days: int = setting(
        "How long a snapshot is to be kept, from the day on which it was sealed. Manifests state it.",
        unit="days",
        example=400,
        ge=1,
        le=MAX_RETENTION_DAYS,
    )
    mode: Literal["compliance", "governance", "none"] = setting(
        "The lock that the store must enforce. A folder can enforce none.",
        unit="one word",
        example="none",
    )

    @property
    def directory(self) -> Path:
        """The absolute folder of a `dir:` store."""
        return Path(self.url.removeprefix(DIRECTORY_SCHEME))

    @model_validator(mode="after")
    def _enforces_what_is_asked(self) -> Self:
        if self.mode != "none":
            raise LockNotEnforcedError(f"stores: {self.name!r} is a folder, which can't enforce mode {self.mode!r}.")
        return self
