"""What a FAIL comes to, in one word: altered evidence, or only an age, a fingerprint or a folder that does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from verify.check import FAIL, Check
from verify.constants import BUNDLE_FOLDER, CHECKPOINT_FOLDER, ENTRY_FOLDER, ROOT_FOLDER, SO_FAR_FOLDER
from verify.errors import DigestError, StaleError, WrongArchiveError
from verify.name import is_name_of_a_file, root_number_of

NO_ARCHIVE, OTHER_ROOT, OTHER_MEMORY = "no archive", "other trust root", "other archive remembered"
NOT_FRESH, ALTERED = "not fresh", "altered or missing"

# Not that of the canaries: an archive host's own folder has one like it.
_FOLDERS = tuple(
    f"{folder}/" for folder in (ROOT_FOLDER, ENTRY_FOLDER, CHECKPOINT_FOLDER, SO_FAR_FOLDER, BUNDLE_FOLDER)
)


def fault_of(checks: Sequence[Check], names: Iterable[str], *, other_memory: bool) -> str | None:
    """Returns the word for all failed checks together, None if there is none.

    `names` are the files that lie there; `other_memory` says that what was remembered is of another archive.
    Whatever does not follow from what the caller named is ALTERED.
    """
    failed = [check for check in checks if check.result == FAIL]
    if not failed:
        return None
    if any(check.id == "C01" for check in failed):
        parts = [name for name in names if name.startswith(_FOLDERS) and is_name_of_a_file(name)]
        return _fault_of_trust(failed, parts)
    if all(check.error == StaleError.__name__ for check in failed):
        return NOT_FRESH
    if other_memory and [(check.id, check.error) for check in failed] == [("C04", WrongArchiveError.__name__)]:
        return OTHER_MEMORY
    return ALTERED


def _fault_of_trust(failed: Sequence[Check], parts: Sequence[str]) -> str:
    """No archive at all, or trust roots that are proved and none that was named; `parts` are the archive's files."""
    if not parts:
        return NO_ARCHIVE
    is_other = all(check.error == DigestError.__name__ for check in failed)
    return OTHER_ROOT if is_other and any(root_number_of(name) is not None for name in parts) else ALTERED
