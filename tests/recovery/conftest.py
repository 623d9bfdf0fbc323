"""Fixtures of recovery's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vault.host import Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """An archive host whose recipient is proved."""
    host = Host(tmp_path)
    host.prove()
    return host
