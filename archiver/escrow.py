"""Secrets that Graph never returns, handed in by an operator: sealed at once, and part of every snapshot from then on.

A client secret, the private key of a SAML signing certificate, a SCIM token: without it a rebuilt tenant does not
work again. Each is an age file to the archive's own recipients when it arrives, so that this host holds what it
can't read; a run puts that file, as it is, into the snapshot as a record of the collection `escrow`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from archiver.errors import EscrowError
from archiver.gathering.sink import RecordWriter
from archiver.graph.catalogue import Catalogue
from archiver.graph.errors import CatalogueError, MalformedPageError
from archiver.graph.record import RecordShape, records_of
from archiver.state.state_trouble import spool_error_of
from vault.durable import make_folder, write_file
from vault.sealing.sealed_letter import sealed_letter_of
from verify.age import VERSION_LINE
from verify.errors import MalformedError
from verify.escrow_place import ESCROW, Place
from verify.identity import Recipient
from verify.key import Record
from verify.small_file import small_file
from verify.strict_json import text_of_time

MAX_SECRET_BYTES = 1024 * 1024
"""Ours: a certificate with its chain and key has some kilobytes."""

_PART = re.compile(r"[^/\x00-\x1f\ud800-\udfff]{1,256}")
_SUFFIX = ".json"
_SHAPE = RecordShape(ESCROW, "id", frozenset())


class _Kept(msgspec.Struct):
    """What of a file's content makes it an escrowed secret."""

    id: str
    for_: list[str] = msgspec.field(name="for")
    sealed: str


def place_of(text: str, catalogue: Catalogue) -> Place:
    """Reads a place as `--for` takes it.

    Raises:
        EscrowError: it is none, or there is no such collection.
    """
    parts = text.split("/")
    if len(parts) not in (2, 3) or not all(_PART.fullmatch(part) for part in parts):
        raise EscrowError(
            f"{text!r} is not COLLECTION/ID or COLLECTION/ID/KEYID",
            next_step="Name what the secret is for, such as applications/OBJECT_ID/KEY_ID.",
        )
    try:
        catalogue.row_of(parts[0])
    except CatalogueError as error:
        raise EscrowError(error.message, next_step=error.next_step) from error
    return Place(parts[0], parts[1], parts[2] if len(parts) == 3 else None)


class Escrow:
    """The folder in which sealed secrets wait for every next snapshot."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, place: Place, source: Path, recipients: tuple[Recipient, ...], clock: Callable[[], datetime]) -> bool:
        """Seals a file's content for a place; True if it replaces what was there.

        Raises:
            EscrowError: the file can't be read, is empty, or is no secret by its size.
            RecipientRefusedError: there is nobody to seal to.
            SpoolError: the state can't be written.
        """
        content = _content_of(source)
        record = {
            "file": source.name.encode("utf-8", "backslashreplace").decode("utf-8"),
            "for": [part for part in place if part is not None],
            "id": place.name,
            "recipients": sorted(recipient.fingerprint for recipient in recipients),
            "sealed": base64.b64encode(sealed_letter_of(content, recipients)).decode("ascii"),
            "sealed_at": text_of_time(clock()),
        }
        target = self._folder / _file_name_of(place.name)
        try:
            make_folder(self._folder)
            replaced = target.exists()
            write_file(target, msgspec.json.encode(record) + b"\n")
        except OSError as error:
            raise spool_error_of(error, f"the state in {self._folder} can't be written") from error
        return replaced

    def records(self) -> list[Record]:
        """The records of all secrets, in no order.

        Raises:
            SpoolError: the state can't be read.
            MalformedError: a file there is damaged; its secret must not leave the archive unnoticed.
        """
        records = []
        for path in self._files():
            try:
                records.append(_record_in(path))
            except OSError as error:
                raise spool_error_of(error, f"{path} can't be read") from error
            except (MalformedPageError, ValueError, RecursionError) as error:
                raise MalformedError(
                    f"{path} is damaged",
                    next_step="Take the file away and escrow its secret again; the last snapshot still has it.",
                ) from error
        return records

    def _files(self) -> Iterable[Path]:
        try:
            return sorted(path for path in self._folder.iterdir() if path.name.endswith(_SUFFIX))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise spool_error_of(error, f"the state in {self._folder} can't be read") from error


def _file_name_of(id_: str) -> str:
    return f"{hashlib.sha256(id_.encode('utf-8', 'surrogatepass')).hexdigest()}{_SUFFIX}"


def _record_in(path: Path) -> Record:
    """The record in a file that bears the name of its place, so that no place has two.

    Raises:
        OSError: it can't be read.
        MalformedPageError, ValueError, RecursionError: what lies there is no secret that was escrowed for its place.
    """
    content = small_file(path, 2 * MAX_SECRET_BYTES)
    kept = msgspec.json.decode(content, type=_Kept)
    if "/".join(kept.for_) != kept.id:
        raise ValueError("what it is for and its name are two places")
    if path.name != _file_name_of(kept.id) or not base64.b64decode(kept.sealed, validate=True).startswith(VERSION_LINE):
        raise ValueError("no sealed secret for the place that its name stands for")
    (record,) = records_of(_SHAPE, b"[" + content + b"]")
    return record


def _content_of(source: Path) -> bytes:
    try:
        content = small_file(source, MAX_SECRET_BYTES)
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        raise EscrowError(
            f"{source} can't be read: {words}", next_step="Name the file that holds the secret."
        ) from error
    if not content or len(content) > MAX_SECRET_BYTES:
        raise EscrowError(
            f"{source} is {'empty' if not content else f'longer than {MAX_SECRET_BYTES:,} bytes'}",
            next_step="Name the file that holds the secret itself.",
        )
    return content


def keep_records(writer: RecordWriter, records: list[Record], order: int) -> None:
    """Work for a worker process: keeps records that are made already."""
    writer.add(records, order)
