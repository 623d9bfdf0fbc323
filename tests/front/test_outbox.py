"""The outbox between runs: what waits is put as soon as the store is back."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.errors import AnotherRunError
from archiver.founding import Founded
from archiver.outbox import finish_outbox
from archiver.state.ledger_view import view_of
from archiver.state.state_folder import StateFolder
from config.loading import load_settings
from strongroom.clock import now


def test_what_waits_is_put_when_the_store_is_back(founded: Founded, tmp_path: Path) -> None:
    """The proof of the canary waits since the archive was founded; a file lies where the store should be."""
    settings = load_settings(founded.files["settings"], {})
    state = StateFolder(settings.archive.state_dir)
    said: list[str] = []
    (tmp_path / "archive").write_text("")
    assert finish_outbox(settings, state, now, said.append) == 1
    assert len(said) == 1 and "vault" in said[0]
    (tmp_path / "archive").unlink()
    assert finish_outbox(settings, state, now, said.append) == 0
    assert (tmp_path / "archive" / "log" / "entries" / "00000000.dsse.json").is_file()
    assert view_of(state.ledger).waiting == ()


def test_an_empty_outbox_takes_no_lock(founded: Founded) -> None:
    """A run that starts while the service looks must not be refused."""
    settings = load_settings(founded.files["settings"], {})
    state = StateFolder(settings.archive.state_dir)
    with state.locked(), pytest.raises(AnotherRunError):
        finish_outbox(settings, state, now, print)
    assert finish_outbox(settings, state, now, print) == 0
    with state.locked():
        assert finish_outbox(settings, state, now, print) == 0
