"""Golden files of the reports: whole pages, byte for byte, to be read in a browser when they change."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
WRITE_VARIABLE = "STRONGROOM_WRITE_GOLDEN"
"""Set to 1, the tests write what they find; the difference is then for a person to look at."""


def assert_golden(name: str, text: str) -> None:
    """Compares `text` with the golden file of this name."""
    file = FOLDER / name
    content = text.encode("utf-8")
    if os.environ.get(WRITE_VARIABLE) == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    assert content == file.read_bytes()
