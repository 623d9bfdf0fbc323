"""A host for settings: a folder with the files that the example names, and a way to write settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from recovery.rehearsal.serving.certificates import certificates_in

MINIMAL = """\
[archive]
state_dir = "state"
[tenant]
id = "contoso.onmicrosoft.com"
[[stores]]
name = "vault"
url = "dir:../archive"
retention_days = 400
mode = "none"
"""


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A folder `host` with private key files, a trust root and a folder of systemd credentials."""
    folder = tmp_path / "host"
    for name in (
        "keys/signer.json",
        "keys/trust-root.json",
        "identity.txt",
        "credentials/graph.pem",
        "secret",
    ):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("content")
        file.chmod(0o600)
    (folder / "keys/trust-root.json").chmod(0o644)
    return folder


@pytest.fixture
def write(host: Path) -> Callable[..., Path]:
    """Writes a settings file: the least that is valid, with `changes` of lines and `more` at its end."""

    def write_settings(more: str = "", **changes: str) -> Path:
        text = MINIMAL
        for old, new in changes.items():
            text = "\n".join(new if line.startswith(f"{old} ") else line for line in text.splitlines())
        file = host / "strongroom.toml"
        file.write_text(f"{text}\n{more}\n")
        return file

    return write_settings


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An authority's certificate in PEM."""
    return certificates_in(tmp_path_factory.mktemp("authority")).ca_bundle_file.read_text()
