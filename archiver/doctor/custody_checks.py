"""Checks that the private keys which must leave the archive host have left it, and lie in none of its stores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from archiver.doctor.check import FAIL, NOT_CHECKED, PASS, Check
from archiver.doctor.patient import Patient
from archiver.state.identity_trace import IdentityTrace
from verify.errors import UnreachableArchiveError
from verify.inventory import Inventory
from verify.private_key import private_key_in
from verify.small_file import small_file
from verify.store import DirectoryReader

MAX_LOOKED_AT_BYTES = 64 * 1024
"""Bytes of each file that are looked at; an identity file is 2 KiB."""
MAX_FILES_A_FOLDER = 1000
"""Files; a folder of settings holds about ten."""
MAX_STRAYS = 1000
"""Files of a store that are no part of an archive; there should be none."""
# What an identity (age, "AGE-SECRET-KEY-") and the root's private key (root.json of `strongroom init`) hold.
PRIVATE_MARKS = (b"AGE-SECRET-KEY-", b'"type": "root-key"')
OFFLINE_SUFFIX = "-offline"
"""`strongroom init DIR` writes the private keys to DIR-offline unless told otherwise."""

_ID, _TITLE = "identity-apart", "Private keys are off this host"


def custody_checks(patient: Patient) -> Iterator[Check]:
    """Looks beside the settings, where init puts private keys, and where identities were given before."""
    if patient.settings.keys.signer_file is None:
        yield Check(_ID, _TITLE, NOT_CHECKED, "this host does not seal: keys.signer_file is not set")
        return
    host = patient.settings.source.parent
    folders = (host, host / "keys", host.with_name(f"{host.name}{OFFLINE_SUFFIX}"))
    try:
        traced = IdentityTrace(patient.settings.archive.state_dir).paths()
    except OSError as error:
        yield Check(_ID, _TITLE, NOT_CHECKED, f"where identities were used before can't be read: {error.strerror}")
        return
    candidates = dict.fromkeys([*traced, *(file for folder in folders for file in _files_in(folder))])
    found = [file for file in candidates if _is_private(file)]
    strays = _strays_in([store.directory for store in patient.settings.stores])
    found += [file for files in strays.values() for file in files if _holds_any_key(file)]
    if found:
        yield Check(
            _ID,
            _TITLE,
            FAIL,
            "\n".join(["whoever steals this host opens the archive, or rules it, with", *map(str, found)]),
            "Take them off this machine, to where the thief of this host does not come.",
        )
    else:
        where = ", ".join(str(folder) for folder in (*folders, *strays))
        yield Check(_ID, _TITLE, PASS, f"none found in {where}, or where one was used before")


def _files_in(folder: Path) -> list[Path]:
    try:
        files = [file for file in folder.iterdir() if file.is_file()]
    except OSError:
        return []
    return sorted(files)[:MAX_FILES_A_FOLDER]


def _strays_in(stores: Sequence[Path]) -> dict[Path, list[Path]]:
    """What lies in each store and is no part of an archive. One that is away is left out: its own check says so."""
    strays = {}
    for store in stores:
        with suppress(UnreachableArchiveError):
            names = Inventory(dict(DirectoryReader(store).list(""))).strays()
            strays[store] = [store / name for name in names[:MAX_STRAYS]]
    return strays


def _holds_any_key(file: Path) -> bool:
    """Whether this account can read a private key of any kind in the file: none belongs into a store."""
    try:
        return private_key_in(small_file(file, MAX_LOOKED_AT_BYTES)) is not None
    except OSError:
        return False


def _is_private(file: Path) -> bool:
    """Whether this account can read a private key in the file."""
    try:
        if not file.is_file():
            return False
        with file.open("rb") as source:
            content = source.read(MAX_LOOKED_AT_BYTES)
    except OSError:
        return False
    return any(mark in content for mark in PRIVATE_MARKS)
