"""Where trust starts: a fingerprint that did not come with the archive (FORMAT.md section 11)."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from verify.constants import MAX_CONTROL_BYTES, ROOT_FOLDER
from verify.errors import DigestError, LogError, UsageError
from verify.name import root_name_of, root_number_of
from verify.private_key import private_key_in
from verify.small_file import small_file
from verify.store import ArchiveReader, content_of
from verify.trust_root import RootChain, root_chain_of

PREFIX = "sha256:"

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_NO_ROOT_STEP = (
    "Name the archive's own folder, which holds root/, log/ and bundles/. If this is it, its trust roots were taken "
    "away: compare with another store."
)
_PUBLIC_STEP = (
    "Give --trust fingerprint.txt or trust-root.json, which `strongroom init` wrote, or --trust sha256:FINGERPRINT; "
    "private keys stay with whoever holds them."
)
_NEXT_STEP = "Give --trust sha256:FINGERPRINT, or the trust root file that `strongroom init` wrote."


def fingerprint_of(argument: str) -> str:
    """Reads a `--trust` argument: a fingerprint, with `sha256:` before it or not, a trust root file, or a file that
    holds a fingerprint.

    Raises:
        UsageError: it is none of them, or the file holds a private key.
    """
    if argument.startswith(PREFIX):
        fingerprint = argument.removeprefix(PREFIX).strip().lower()
        if not _FINGERPRINT.fullmatch(fingerprint):
            raise UsageError("a fingerprint has 64 hex digits", next_step=_NEXT_STEP)
        return fingerprint
    if _FINGERPRINT.fullmatch(argument):
        return argument
    try:
        content = small_file(Path(argument), MAX_CONTROL_BYTES)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"the trust root {argument!r} can't be read: {reason}", next_step=_NEXT_STEP) from error
    if len(content) > MAX_CONTROL_BYTES or not content:
        raise UsageError(f"{argument} is not a trust root", next_step=_NEXT_STEP)
    if words := private_key_in(content):
        raise UsageError(f"{argument} is {words}, not a trust root or its fingerprint", next_step=_PUBLIC_STEP)
    text = content.strip().decode("utf-8", "replace").removeprefix(PREFIX)
    return text if _FINGERPRINT.fullmatch(text) else hashlib.sha256(content).hexdigest()


def root_chain_in(reader: ArchiveReader, fingerprint: str) -> RootChain:
    """Reads and proves all trust roots of an archive.

    Raises:
        DigestError: none of them has the fingerprint, or there is none.
        LogError: a root between others is missing, or one does not follow from the one before.
        StrongroomError: as `root_chain_of`, and when the archive can't be read.
    """
    numbers = sorted(
        number for name, _ in reader.list(f"{ROOT_FOLDER}/") if (number := root_number_of(name)) is not None
    )
    if not numbers:
        raise DigestError("no trust root lies here, under root/", next_step=_NO_ROOT_STEP)
    for expected, number in enumerate(numbers, 1):
        if number != expected:
            raise LogError(f"{root_name_of(expected)}: missing, though later trust roots are there (F-ROOT-2)")
    names = [root_name_of(number) for number in numbers]
    return root_chain_of([content_of(reader, name, MAX_CONTROL_BYTES) for name in names], fingerprint, names)
