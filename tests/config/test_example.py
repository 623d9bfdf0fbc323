"""The example file is made from the model, is valid, and explains every setting."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from config.example import EXAMPLE_VALUES, settings_text
from config.loading import load_settings
from config.outline import Setting, outline_of

SETTINGS = [setting for setting in outline_of() if setting.section is None]


def name_of(setting: Setting) -> str:
    return ".".join(setting.path)


def test_the_shipped_example_is_the_model(repository: Path) -> None:
    """`make example` writes it; a setting that the example lacks is one that nobody finds."""
    assert (repository / "config/strongroom.example.toml").read_text() == settings_text(EXAMPLE_VALUES)


def test_the_example_loads(host: Path) -> None:
    """Every value in it is one that an operator may keep."""
    file = host / "strongroom.toml"
    file.write_text(settings_text(EXAMPLE_VALUES))
    settings = load_settings(file, {"CREDENTIALS_DIRECTORY": str(host / "credentials")})
    assert settings.tenant.credential is not None
    assert settings.tenant.credential.kind == "certificate"


@pytest.mark.parametrize("setting", SETTINGS, ids=name_of)
def test_every_setting_explains_itself(setting: Setting) -> None:
    """A description, a unit and an example each: the file is all the manual that most operators read."""
    extra = setting.field.json_schema_extra
    assert setting.field.description
    assert setting.field.description.endswith(".")
    assert setting.field.examples
    assert isinstance(extra, dict)
    assert extra["unit"]


@pytest.mark.parametrize("setting", SETTINGS, ids=name_of)
def test_every_example_is_valid(host: Path, certificate: str, setting: Setting) -> None:
    """Also those that stand in comments: they are what people uncomment."""
    (host / "ca.pem").write_text(certificate)
    (host / "credentials/graph.secret").write_text("content")
    (host / "credentials/graph.secret").chmod(0o600)
    (example,) = setting.field.examples or [None]
    values = dict(EXAMPLE_VALUES)
    if setting.path[-1] == "identity_file":
        del values["keys.signer_file"]
    if setting.path[-1] == "secret_file":
        del values["tenant.credential.certificate_file"]
        values["tenant.credential.kind"] = "secret"
    values[".".join(setting.path).replace("*", "0")] = example
    file = host / "strongroom.toml"
    file.write_text(settings_text(values))
    assert load_settings(file, {"CREDENTIALS_DIRECTORY": str(host / "credentials")})


def test_what_is_uncommented_is_what_was_given() -> None:
    """`init` writes the values of one host into the same text; strings survive whatever they hold."""
    odd = 'a "quoted" \\ path\x7f\n'
    document = tomllib.loads(settings_text({"tenant.id": "a.b", "archive.state_dir": odd, "stores.0.name": "x"}))
    assert document["tenant"] == {"id": "a.b"}
    assert document["archive"] == {"state_dir": odd}
    assert document["stores"][0]["name"] == "x"


def test_a_value_that_is_no_setting_is_a_mistake_of_the_programmer() -> None:
    """A misspelt value would silently be left out of the file that `init` writes."""
    with pytest.raises(KeyError, match=r"tenant\.name"):
        settings_text({"tenant.name": "x"})
