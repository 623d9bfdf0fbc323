"""Where a settings file stands: what its paths and `credential:NAME` mean, and what files must be like."""

from __future__ import annotations

import os
import ssl
import stat
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

CREDENTIAL_PREFIX = "credential:"
# systemd.exec(5), CREDENTIALS: a system unit's credentials lie in /run/credentials/UNIT, which is what
# $CREDENTIALS_DIRECTORY names inside the unit; deploy/systemd ships the unit of this name.
SERVICE_CREDENTIALS = Path("/run/credentials/strongroom-archiver.service")
MAX_PATH_CHARACTERS = 4096  # PATH_MAX of Linux, limits.h
MAX_NAME_CHARACTERS = 255  # NAME_MAX of Linux, limits.h; systemd limits credential names likewise
# What a pasted secret looks like; such a value is not echoed and not taken for a path.
SECRET_MARKS = ("-----BEGIN", "AGE-SECRET-KEY-", "\n")


class Place(NamedTuple):
    """The surroundings in which paths of a settings file are read; handed to pydantic as its context.

    `folder`: absolute, free of symbolic links. `credentials`: $CREDENTIALS_DIRECTORY, or None.
    `require_files`: whether a file that a setting names must be there now.
    """

    folder: Path
    credentials: Path | None
    require_files: bool

    def file_of(self, value: str) -> Path:
        """The absolute path of the file or credential that a setting names.

        Raises: PydanticCustomError, which names what is wrong and the way out, without the value.
        """
        _refuse_what_is_no_path(value)
        if value.startswith(CREDENTIAL_PREFIX):
            return self._credential_of(value.removeprefix(CREDENTIAL_PREFIX))
        return self._absolute(Path(value))

    def folder_of(self, value: str) -> Path:
        """The absolute path of the folder that a setting names.

        Raises: PydanticCustomError, which names what is wrong and the way out, without the value.
        """
        _refuse_what_is_no_path(value)
        return self._absolute(Path(value))

    def _absolute(self, path: Path) -> Path:
        """`path` below the settings file's folder; leading `..` are taken away, the rest is left as written.

        Symbolic links in the rest stay, so that a key that is rotated by moving a link is found anew.
        """
        if path.is_absolute():
            return path
        folder, parts = self.folder, list(path.parts)
        while parts and parts[0] == "..":
            folder = folder.parent
            parts.pop(0)
        return folder.joinpath(*parts)

    def _credential_of(self, name: str) -> Path:
        if not name or "/" in name or name in {".", ".."} or len(name) > MAX_NAME_CHARACTERS:
            raise problem("value", "names a credential that can't exist", "Write credential:NAME, without a slash.")
        if self.credentials is not None:
            return self.credentials / name
        if self.require_files:
            raise problem(
                "value",
                f"names the systemd credential {name!r}, and $CREDENTIALS_DIRECTORY is not set",
                f"Run it in the service (LoadCredential={name}:PATH), or name a file instead.",
            )
        return SERVICE_CREDENTIALS / name


def problem(kind: str, reason: str, next_step: str) -> PydanticCustomError:
    """A mistake in one setting, for pydantic to collect. `kind` is "value" or "exposed"."""
    return PydanticCustomError(kind, "{reason}", {"reason": reason, "next_step": next_step})


def _refuse_what_is_no_path(value: str) -> None:
    if any(mark in value for mark in SECRET_MARKS):
        raise problem(
            "exposed",
            "holds key material; it must name a file (the value is not shown)",
            "Put the key in a file of mode 600, name that file here, and replace the key.",
        )
    if not value or "\0" in value or len(value) > MAX_PATH_CHARACTERS:
        raise problem("value", "is no path", f"Name a path of 1 to {MAX_PATH_CHARACTERS} characters.")


def _place_of(info: ValidationInfo) -> Place:
    if not isinstance(info.context, Place):
        raise TypeError("paths of settings are read in a Place; use load_settings")
    return info.context


def _directory(value: object, info: ValidationInfo) -> object:
    return _place_of(info).folder_of(value) if isinstance(value, str) else value


def _public_file(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str):
        return value
    place = _place_of(info)
    path = place.file_of(value)
    if place.require_files:
        _require_readable_file(path, place)
    elif _is_something_else(path):
        raise problem("value", "names something that is no regular file", "Name a file.")
    return path


def _certificate_file(value: object, info: ValidationInfo) -> object:
    path = _public_file(value, info)
    if isinstance(path, Path) and _place_of(info).require_files:
        try:
            ssl.create_default_context(cafile=path)
        except OSError as error:
            raise problem(
                "value",
                f"names {path}, which holds no certificate in PEM",
                "Name the PEM file of the authority's certificate; it begins with -----BEGIN CERTIFICATE-----.",
            ) from error
    return path


def _secret_file(value: object, info: ValidationInfo) -> object:
    path = _public_file(value, info)
    if isinstance(path, Path) and _is_file(path):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & stat.S_IRWXO:
            raise problem(
                "exposed",
                f"names {path}, which every account of this host can use (mode {mode:04o})",
                f"chmod 600 {path}",
            )
    return path


def _require_readable_file(path: Path, place: Place) -> None:
    """Says the folder and not the value: what stands there by mistake may be the secret itself."""
    if _is_something_else(path):
        raise problem("value", "names something that is no regular file", "Name a file.")
    if not _is_file(path):
        where = place.folder if path.is_relative_to(place.folder) else "its absolute path"
        raise problem(
            "value",
            f"names a file that does not exist, or that this account can't see (looked in {where})",
            "Put the file there or correct the setting; relative paths start at the settings file's folder.",
        )
    if not os.access(path, os.R_OK):
        raise problem("value", "names a file that this account may not read", f"chown or chmod {path}")


def _is_file(path: Path) -> bool:
    """Whether this account can see a file there; a folder that it may not enter hides it."""
    try:
        return path.is_file()
    except PermissionError:
        return False


def _is_something_else(path: Path) -> bool:
    """Whether what stands there is no regular file, as far as this account can see: reading a FIFO never ends."""
    try:
        return path.exists() and not path.is_file()
    except OSError:
        return False


Directory = Annotated[Path, BeforeValidator(_directory)]
"""A folder; it need not exist yet."""
PublicFile = Annotated[Path, BeforeValidator(_public_file)]
"""A file that anyone may read."""
CertificateFile = Annotated[Path, BeforeValidator(_certificate_file)]
"""A PEM file of certificates that are trusted."""
SecretFile = Annotated[Path, BeforeValidator(_secret_file)]
"""A file with a private key, a secret or an identity: no rights for others."""
