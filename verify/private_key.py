"""Private keys that stand where something public belongs, told by what marks their files."""

from __future__ import annotations

import re

IDENTITY = "an identity: a private key that opens snapshots"
ROOT_KEY = "the private key of the trust root"
SIGNER = "the private keys of an archive host's signer"
OTHER_KEY = "a private key"

_MARKS = {
    # C2SP age.md, "The X25519 recipient type"; what comes between for the hybrid type is PQ-.
    IDENTITY: re.compile(rb"AGE-SECRET-KEY-"),
    # `root.json` of `strongroom init` and `signer.json` of an archive host, however they are spaced.
    ROOT_KEY: re.compile(rb'"type"\s*:\s*"root-key"'),
    SIGNER: re.compile(rb'"type"\s*:\s*"signer"'),
    # RFC 7468 section 10 and older labels.
    OTHER_KEY: re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}


def private_key_in(content: bytes) -> str | None:
    """Returns in words what private key a file holds, None for any other file."""
    return next((words for words, mark in _MARKS.items() if mark.search(content)), None)
