"""Settings that are well formed and do not fit together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import SettingsError
from config.loading import load_settings
from verify.errors import LockNotEnforcedError, RefusedError

Write = Callable[..., Path]
SECOND_STORE = """\
[[stores]]
name = "second"
url = "dir:../second"
retention_days = 400
mode = "none"
"""


def test_a_host_that_seals_must_not_be_able_to_open(write: Write) -> None:
    """Whoever steals the archive host would read the past; SECURITY.md refuses that, exit 4."""
    with pytest.raises(RefusedError, match=r"keys\.signer_file and keys\.identity_file") as caught:
        load_settings(write("[keys]\nsigner_file = 'keys/signer.json'\nidentity_file = 'identity.txt'"), {})
    assert caught.value.exit_status == 4


@pytest.mark.parametrize("require_files", [True, False])
def test_that_refusal_does_not_wait_for_the_files_to_exist(write: Write, require_files: bool) -> None:
    """The two settings are wrong together whatever stands in the files, and for every command."""
    with pytest.raises(RefusedError):
        load_settings(write("[keys]\nsigner_file = 'a'\nidentity_file = 'b'"), {}, require_files=require_files)


def test_that_refusal_is_not_evaded_by_the_environment(write: Write) -> None:
    """An override is a setting like any other."""
    with pytest.raises(RefusedError):
        load_settings(
            write("[keys]\nsigner_file = 'keys/signer.json'"),
            {"STRONGROOM__KEYS__IDENTITY_FILE": "identity.txt"},
        )


@pytest.mark.parametrize("mode", ["compliance", "governance"])
def test_a_folder_that_is_asked_for_a_lock_is_refused(write: Write, mode: str) -> None:
    """A lock that is asked for and not enforced is worse than none; exit 21 is its own."""
    with pytest.raises(LockNotEnforcedError, match=f"can't enforce mode '{mode}'") as caught:
        load_settings(write(mode=f"mode = '{mode}'"), {})
    assert caught.value.exit_status == 21
    assert 'mode = "none"' in caught.value.next_step


def test_a_quorum_larger_than_the_stores_is_refused(write: Write) -> None:
    """No run could ever be done; found now instead of every night."""
    file = write(state_dir="state_dir = 'state'\nstore_quorum = 2")
    with pytest.raises(SettingsError, match=r"archive\.store_quorum is 2, and the number of stores is 1:"):
        load_settings(file, {})
    assert load_settings(write(SECOND_STORE, state_dir="state_dir = 's'\nstore_quorum = 2"), {}).stores


@pytest.mark.parametrize(
    ("old", "new", "what"), [("second", "vault", "name"), ("dir:../second", "dir:../archive", "url")]
)
def test_two_stores_are_two(write: Write, old: str, new: str, what: str) -> None:
    """One folder under two names would count twice towards the quorum."""
    with pytest.raises(SettingsError, match=f"two stores have the {what}"):
        load_settings(write(SECOND_STORE.replace(f'"{old}"', f'"{new}"')), {})


@pytest.mark.parametrize("url", ["dir:state", "dir:state/archive", "dir:."])
def test_state_and_stores_lie_apart(write: Write, url: str) -> None:
    """The state holds the epoch's secret; a store is copied to media and handed to auditors."""
    with pytest.raises(SettingsError, match="lie in one another"):
        load_settings(write(url=f"url = '{url}'"), {})
