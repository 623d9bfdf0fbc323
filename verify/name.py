"""Names of the files of an archive (FORMAT.md section 3), made from numbers and digests and recognised again."""

from __future__ import annotations

import re

from verify.constants import (
    BUNDLE_FOLDER,
    CHECKPOINT_FOLDER,
    ENTRY_FOLDER,
    KEY_FOLDER,
    ROOT_FOLDER,
    SO_FAR_FOLDER,
)

_PARTS = (
    rf"{BUNDLE_FOLDER}/([0-9a-f]{{2}})/\1[0-9a-f]{{62}}\.(?:age|seg)",
    rf"{ENTRY_FOLDER}/[0-9]{{8}}\.dsse\.json",
    rf"{CHECKPOINT_FOLDER}/[0-9]{{8}}",
    rf"{SO_FAR_FOLDER}/[0-9]{{8}}(?:\.roots\.json)?",
    rf"{ROOT_FOLDER}/[1-9][0-9]{{0,7}}\.root\.json",
    rf"{KEY_FOLDER}/[0-9a-f]{{64}}\.canary\.age",
    r"FORMAT\.md",
)
_PART = re.compile("|".join(f"(?:{part})" for part in _PARTS))
_COMPANION = re.compile(r"(?:READER|VECTORS)/.+")
_ENTRY = re.compile(rf"{ENTRY_FOLDER}/([0-9]{{8}})\.dsse\.json")
_CHECKPOINT = re.compile(rf"{CHECKPOINT_FOLDER}/([0-9]{{8}})")
_SO_FAR = re.compile(rf"{SO_FAR_FOLDER}/([0-9]{{8}})")
_ROOT = re.compile(rf"{ROOT_FOLDER}/([1-9][0-9]{{0,7}})\.root\.json")


def entry_name_of(index: int) -> str:
    """Returns the name of a log entry."""
    return f"{ENTRY_FOLDER}/{index:08d}.dsse.json"


def checkpoint_name_of(size: int) -> str:
    """Returns the name of the checkpoint of a log of this size."""
    return f"{CHECKPOINT_FOLDER}/{size:08d}"


def so_far_name_of(size: int) -> str:
    """Returns the name of the leaf hashes of a log of this size."""
    return f"{SO_FAR_FOLDER}/{size:08d}"


def carried_name_of(size: int) -> str:
    """Returns the name of the copies of roots and canaries that lie beside the leaf hashes of a log of this size."""
    return f"{so_far_name_of(size)}.roots.json"


def root_name_of(number: int) -> str:
    """Returns the name of a trust root."""
    return f"{ROOT_FOLDER}/{number}.root.json"


def entry_index_of(name: str) -> int | None:
    """Returns the place in the log that an entry's name gives, None for any other file."""
    match = _ENTRY.fullmatch(name)
    return int(match[1]) if match else None


def checkpoint_size_of(name: str) -> int | None:
    """Returns the size in a checkpoint's name, None for any other file."""
    match = _CHECKPOINT.fullmatch(name)
    return int(match[1]) if match else None


def so_far_size_of(name: str) -> int | None:
    """Returns the size in the name of a list of leaf hashes, None for any other file."""
    match = _SO_FAR.fullmatch(name)
    return int(match[1]) if match else None


def root_number_of(name: str) -> int | None:
    """Returns the number in a trust root's name, None for any other file."""
    match = _ROOT.fullmatch(name)
    return int(match[1]) if match else None


def is_part_of_an_archive(name: str) -> bool:
    """Whether a file of this name has a meaning; any other is reported, and proves nothing."""
    return is_name_of_a_file(name) or _COMPANION.fullmatch(name) is not None


def is_name_of_a_file(name: str) -> bool:
    """Whether the format gives this name to one file, so that nothing else can rightly bear it, a folder neither."""
    return _PART.fullmatch(name) is not None
