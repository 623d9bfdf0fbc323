"""Settings are found, read, overridden and made absolute as strongroom/COMMANDS.md section 2 says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.complaint import MAX_COMPLAINTS
from config.document import MAX_FILE_BYTES, MAX_NESTING
from config.errors import SettingsError, SettingsNotFoundError, UnknownSettingError
from config.loading import load_settings

Write = Callable[..., Path]


def test_the_least_that_is_valid_loads_with_its_defaults(write: Write) -> None:
    """An operator states what only he can know; everything else has a value that is safe."""
    settings = load_settings(write(), {})
    assert settings.tenant.cloud == "global"
    assert settings.export.collections == ("all",)
    assert settings.schedule.cron == "15 2 * * *"
    assert settings.archive.store_quorum == 1
    assert settings.tenant.credential is None


def test_relative_paths_start_at_the_settings_file(write: Write, host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service and a shell have different working directories, and must mean the same files."""
    monkeypatch.chdir("/")
    settings = load_settings(write("[keys]\nsigner_file = 'keys/signer.json'"), {})
    assert settings.source == host / "strongroom.toml"
    assert settings.archive.state_dir == host / "state"
    assert settings.keys.signer_file == host / "keys/signer.json"
    assert settings.stores[0].directory == host.parent / "archive"
    assert settings.stores[0].url == f"dir:{host.parent}/archive"


def test_the_file_on_the_command_line_wins_over_the_environment(write: Write, tmp_path: Path) -> None:
    """What was typed last was meant."""
    environ = {"STRONGROOM_CONFIG": str(tmp_path / "absent.toml")}
    assert load_settings(write(), environ).tenant.id == "contoso.onmicrosoft.com"


def test_the_environment_names_the_file_where_the_command_line_does_not(write: Write) -> None:
    """Containers set one variable rather than every command line."""
    assert load_settings(None, {"STRONGROOM_CONFIG": str(write())}).tenant.id == "contoso.onmicrosoft.com"


def test_the_file_in_the_working_directory_comes_before_the_systems(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator who stands in a folder with settings means those."""
    file = write()
    monkeypatch.chdir(file.parent)
    assert load_settings(None, {}).source == file


def test_no_file_is_an_error_that_names_the_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has no settings yet must learn where they belong and how to make them."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsNotFoundError, match=r"strongroom\.toml and /etc/strongroom/strongroom\.toml") as caught:
        load_settings(None, {})
    assert caught.value.exit_status == 10
    assert "strongroom init" in caught.value.next_step


def test_broken_toml_is_an_error_with_its_line(write: Write) -> None:
    """A missing quote is the commonest mistake in a hand-written file."""
    with pytest.raises(SettingsError, match=r"is not TOML: .*line 11") as caught:
        load_settings(write("[export\n"), {})
    assert caught.value.exit_status == 10


def test_bytes_that_are_not_utf8_are_an_error_with_their_line(write: Write) -> None:
    """An editor with another encoding writes such files; TOML is UTF-8."""
    file = write()
    file.write_bytes(file.read_bytes() + b"# caf\xe9\n")
    with pytest.raises(SettingsError, match="line 12: not UTF-8"):
        load_settings(file, {})


def test_a_byte_order_mark_is_no_part_of_the_settings(write: Write) -> None:
    """Editors of Windows begin a file with one, and nobody sees it."""
    file = write()
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_settings(file, {}).source == file


def test_a_huge_file_is_refused_before_it_is_parsed(write: Write) -> None:
    """A wrong path, such as a bundle's, must not eat the memory of the host."""
    with pytest.raises(SettingsError, match="larger than"):
        load_settings(write("#" * MAX_FILE_BYTES), {})


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    """`--config DIR` is an easy slip; its error says what is wrong with the path."""
    with pytest.raises(SettingsError, match="not a regular file"):
        load_settings(tmp_path, {})


@pytest.mark.timeout(20)
def test_a_pipe_is_no_settings_file(tmp_path: Path) -> None:
    """Reading a FIFO that nobody writes into never ends; relative paths would have nowhere to start from."""
    os.mkfifo(tmp_path / "strongroom.toml")
    with pytest.raises(SettingsError, match="not a regular file"):
        load_settings(tmp_path / "strongroom.toml", {})


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "line",
    [
        ".".join(["a"] * 20_000) + " = 1",
        "[" + " . ".join(["'a b'"] * 100_000) + "]",
        "a = " + "{a = " * 400 + "1" + "}" * 400,
        "a = " + "[" * 20_000 + "]" * 20_000,
        "a = " + "[" * (MAX_NESTING + 1) + "]" * (MAX_NESTING + 1),
    ],
    ids=["dotted key", "dotted header", "inline tables", "lists", "one level too many"],
)
def test_settings_nested_without_end_are_refused_at_once(write: Write, line: str) -> None:
    """A parser that goes down with every level ends by the interpreter's limit, or takes minutes on the way."""
    with pytest.raises(SettingsError, match=rf"nested more than {MAX_NESTING} levels") as caught:
        load_settings(write(line), {})
    assert caught.value.exit_status == 10


def test_dots_in_values_and_comments_are_no_nesting(write: Write) -> None:
    """A path with many dots is a path."""
    path = "/".join(["..", *(f"v1.{number}.0" for number in range(40))])
    load_settings(write(state_dir=f'state_dir = "{path}"  # {"." * 80} 10.0.0.1'), {})


def test_a_deep_value_from_the_environment_is_refused_like_one_from_the_file(write: Write) -> None:
    """The two ways to set something have the same limits."""
    deep = "[" * 5_000 + "]" * 5_000
    with pytest.raises(SettingsError, match="STRONGROOM__EXPORT__COLLECTIONS: nested more than"):
        load_settings(write(), {"STRONGROOM__EXPORT__COLLECTIONS": deep})


def test_only_complaints_that_are_shown_are_looked_into(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of something else, given by mistake, has ten thousands of unknown keys; each suggestion takes a while."""
    asked: list[tuple[str, ...]] = []

    def suggest(path: tuple[str, ...]) -> str:
        asked.append(path)
        return ""

    monkeypatch.setattr("config.complaint.suggestion_for", suggest)
    with pytest.raises(UnknownSettingError, match=r"and 480 more"):
        load_settings(write("[export]\n" + "\n".join(f"key{number} = 1" for number in range(500))), {})
    assert len(asked) == MAX_COMPLAINTS


def test_settings_cannot_be_changed_after_loading(write: Write) -> None:
    """A run that changes its own settings can't be explained from the file."""
    settings = load_settings(write(), {})
    with pytest.raises(ValidationError, match="frozen"):
        settings.archive.store_quorum = 2  # type: ignore[misc]


def test_an_environment_variable_overrides_one_setting(write: Write, host: Path) -> None:
    """A container sets its folders without a file of its own."""
    environ = {
        "STRONGROOM__ARCHIVE__STATE_DIR": "elsewhere",
        "STRONGROOM__EXPORT__PARALLEL_REQUESTS": "4",
        "STRONGROOM__EXPORT__COLLECTIONS": '["users", "groups"]',
        "STRONGROOM__TENANT__CLOUD": "china",
        "STRONGROOM__STORES__0__RETENTION_DAYS": "30",
    }
    settings = load_settings(write(), environ)
    assert settings.archive.state_dir == host / "elsewhere"
    assert settings.export.parallel_requests == 4
    assert settings.export.collections == ("users", "groups")
    assert settings.tenant.cloud == "china"
    assert settings.stores[0].retention_days == 30


def test_text_from_the_environment_stays_text(write: Write, host: Path) -> None:
    """A folder named 2026 is a folder, not a number."""
    settings = load_settings(write(), {"STRONGROOM__ARCHIVE__STATE_DIR": "2026"})
    assert settings.archive.state_dir == host / "2026"


def test_an_unknown_variable_is_an_error_with_the_closest_name(write: Write) -> None:
    """A mistyped variable that is ignored leaves the operator with settings that he did not choose."""
    with pytest.raises(UnknownSettingError, match="Did you mean STRONGROOM__ARCHIVE__STATE_DIR"):
        load_settings(write(), {"STRONGROOM__ARCHIVE__STATEDIR": "x"})


def test_a_wrong_value_from_the_environment_names_its_variable(write: Write) -> None:
    """Looking for the mistake in the file would be in vain."""
    with pytest.raises(SettingsError, match=r"store_quorum \(set by STRONGROOM__ARCHIVE__STORE_QUORUM\)"):
        load_settings(write(), {"STRONGROOM__ARCHIVE__STORE_QUORUM": "many"})


@pytest.mark.parametrize("variable", ["STRONGROOM__ARCHIVE", "STRONGROOM__STORES__0"])
def test_a_variable_that_names_a_section_is_an_error(write: Write, variable: str) -> None:
    """Only single settings can be overridden; a table in a variable would be a second file format."""
    with pytest.raises(SettingsError, match="whole section"):
        load_settings(write(), {variable: "{}"})


def test_a_variable_that_names_a_list_of_tables_is_told_what_can_be_set(write: Write) -> None:
    """To suggest the very name that was given helps nobody."""
    with pytest.raises(SettingsError, match="whole list of tables") as caught:
        load_settings(write(), {"STRONGROOM__STORES": "[]"})
    assert "STRONGROOM__STORES__0__" in caught.value.next_step


def test_a_variable_for_a_store_that_the_file_does_not_have_is_an_error(write: Write) -> None:
    """A store made of one variable alone would lack all the rest."""
    with pytest.raises(SettingsError, match="element 1 of stores, but the file has 1"):
        load_settings(write(), {"STRONGROOM__STORES__1__NAME": "second"})


@pytest.mark.parametrize("index", ["²", "٠", "-1"])
def test_a_variable_whose_index_is_no_number_is_an_unknown_one(write: Write, index: str) -> None:
    """Digits of other scripts and raised ones are digits, and no index."""
    with pytest.raises(UnknownSettingError, match="names no setting"):
        load_settings(write(), {f"STRONGROOM__STORES__{index}__URL": "dir:x"})


def test_a_variable_cannot_be_put_where_the_file_has_no_table(write: Write) -> None:
    """The file's own mistake is named instead of a traceback."""
    file = write()
    file.write_text("archive = 3\n")
    with pytest.raises(SettingsError, match="has no table there"):
        load_settings(file, {"STRONGROOM__ARCHIVE__STATE_DIR": "x"})


def test_a_setting_named_source_is_refused(write: Write) -> None:
    """The path of the file is known from the file itself and can't be claimed in it."""
    file = write()
    file.write_text('source = "elsewhere"\n' + file.read_text())
    with pytest.raises(SettingsError, match="source is not a setting"):
        load_settings(file, {})
