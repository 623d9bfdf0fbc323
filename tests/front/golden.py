"""Golden files: what people read, kept as it is to be read."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
WRITE_VARIABLE = "STRONGROOM_WRITE_GOLDEN"
"""Set to 1, the tests write what they find; the difference is then for a person to read."""


def assert_golden(name: str, text: str) -> None:
    """Compares `text` with the golden file of this name."""
    file = FOLDER / name
    if os.environ.get(WRITE_VARIABLE) == "1":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")
