"""Where the shared test data lie, if they do."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

_REPOSITORY = Path(__file__).resolve().parents[2]


def shared_json(name: str) -> Any:
    """The parsed file `name` of the shared data; the test is skipped by name where it is absent."""
    folder = Path(os.environ.get("STRONGROOM_SHARED_DATA", _REPOSITORY.parent / "shared" / "data"))
    if not (folder / name).exists():
        pytest.skip(f"{name} is not in the shared data folder")
    return json.loads((folder / name).read_bytes())
