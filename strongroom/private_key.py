"""Files that hold a private key, told by what is in them: identities, keys of a trust root and of a signer, PEM."""

from __future__ import annotations

import os
import re
from pathlib import Path

from verify.small_file import small_file

_LOOKED_AT_BYTES = 65_536
# An identity of age, the key of a trust root or of a signer, and a key in PEM (RFC 7468).
_PRIVATE_KEY = re.compile(rb'AGE-SECRET-KEY-|"type"\s*:\s*"(?:root-key|signer)"|-----BEGIN [A-Z ]*PRIVATE KEY-----')


def holds_private_key(path: Path) -> bool:
    """Whether a regular file that this account may read holds one, in its first 64 KiB.

    Raises:
        OSError: it can't be read.
    """
    return path.is_file() and os.access(path, os.R_OK) and bool(_PRIVATE_KEY.search(small_file(path, _LOOKED_AT_BYTES)))
