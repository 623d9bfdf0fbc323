"""`--` as a value, which argparse drops: the option, or the argument, would have a list without elements."""

from __future__ import annotations

import re
from collections.abc import Sequence

_END_OF_OPTIONS = "--"
_VALUE = re.compile(r"(-[^=]*)=--", re.DOTALL)


def lone_dashes_in(words: Sequence[str]) -> str | None:
    """Returns what is wrong with a command line: an option has the value `--`, or an argument is `--`.

    The first word `--` by itself ends the options; None if nothing is wrong.
    """
    for at, word in enumerate(words):
        if word == _END_OF_OPTIONS:
            twice = _END_OF_OPTIONS in words[at + 1 :]
            return "`--` ends the options, and is no argument" if twice else None
        if found := _VALUE.fullmatch(word):
            return f"argument {found[1]}: `--` is no value"
    return None
