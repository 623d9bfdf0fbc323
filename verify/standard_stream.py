"""The process's standard streams, made such that a program can rely on them."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO


def prepare_standard_streams() -> None:
    """Opens the null device where the caller closed a stream, and escapes what an encoding can't hold.

    A descriptor that stays closed would go to the next file that is opened, and what a library or another
    process then writes for people would land in that file. Python has None for such a stream.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):  # in the order of their descriptors
        stream = getattr(sys, name)
        if stream is None:
            # Like the one that it stands for, it stays open to the end, and other processes inherit it.
            opened = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115
            os.set_inheritable(opened.fileno(), True)
            setattr(sys, name, opened)
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def give_up(stream: TextIO) -> None:
    """Lets what is still buffered go nowhere, for a stream that can't be written: no second failure at the end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, stream.fileno())
        finally:
            os.close(nowhere)
