"""Untrusted text made visible: what would move a cursor, hide or reorder text is shown as an escape."""

from __future__ import annotations

import unicodedata

# General categories (Unicode Standard, section 4.5) that a terminal obeys instead of showing: controls with
# the C1 set (ECMA-48), format characters with the bidirectional ones (UAX 9), surrogates, line breaks.
OBEYED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    r"""Returns `text` on one line, every character of OBEYED_CATEGORIES as `\n`, `\x1b` or `\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(one) if unicodedata.category(one) in OBEYED_CATEGORIES else one for one in text)


def _shown(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
