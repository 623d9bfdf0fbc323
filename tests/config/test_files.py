"""Files that settings name: credentials, absent files, and secrets within others' reach."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import ExposedSecretError, SettingsError
from config.loading import load_settings
from config.place import SERVICE_CREDENTIALS

Write = Callable[..., Path]
CERTIFICATE = """\
[tenant.credential]
kind = "certificate"
client_id = "11111111-2222-4333-8444-555555555555"
certificate_file = "credential:graph.pem"
"""


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o601, 0o666])
def test_a_key_file_that_others_can_use_is_refused(write: Write, host: Path, mode: int) -> None:
    """Whoever has a login on the host would have the signing key."""
    signer = host / "keys/signer.json"
    signer.chmod(mode)
    with pytest.raises(ExposedSecretError, match=rf"^keys\.signer_file names .*mode {mode:04o}") as caught:
        load_settings(write("[keys]\nsigner_file = 'keys/signer.json'"), {})
    assert caught.value.next_step == f"chmod 600 {signer}"
    assert caught.value.exit_status == 10


@pytest.mark.parametrize(
    ("more", "file"),
    [
        ("[keys]\nidentity_file = 'identity.txt'", "identity.txt"),
        (CERTIFICATE, "credentials/graph.pem"),
        (
            CERTIFICATE.replace('"certificate"', '"secret"').replace("certificate_file = ", "secret_file = 'secret' #"),
            "secret",
        ),
    ],
)
@pytest.mark.parametrize("require_files", [True, False])
def test_every_kind_of_secret_is_guarded(write: Write, host: Path, more: str, file: str, require_files: bool) -> None:
    """A check that one kind of secret escapes is a check that its owner believes in; readers check too."""
    environ = {"CREDENTIALS_DIRECTORY": str(host / "credentials")}
    assert load_settings(write(more), environ, require_files=require_files)
    (host / file).chmod(0o644)
    with pytest.raises(ExposedSecretError, match=r"which every account of this host can use"):
        load_settings(write(more), environ, require_files=require_files)


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640])
def test_a_key_file_may_be_shared_with_a_group(write: Write, host: Path, mode: int) -> None:
    """Services read their keys through a group of their own; that is a decision, not an accident."""
    (host / "keys/signer.json").chmod(mode)
    assert load_settings(write("[keys]\nsigner_file = 'keys/signer.json'"), {}).keys.signer_file


def test_a_public_file_may_be_read_by_all(write: Write) -> None:
    """A trust root is there to be read; guarding it would teach people to ignore the guard."""
    assert load_settings(write("[keys]\ntrust_root_file = 'keys/trust-root.json'"), {}).keys.trust_root_file


@pytest.mark.parametrize("name", ["signer_file", "trust_root_file", "identity_file"])
def test_an_absent_file_is_named_by_its_setting(write: Write, host: Path, name: str) -> None:
    """Found when the settings are loaded, not when the first run starts at night."""
    with pytest.raises(SettingsError, match=rf"^keys\.{name} names a file that does not exist") as caught:
        load_settings(write(f"[keys]\n{name} = 'keys/absent'"), {})
    assert str(host) in caught.value.message


def test_a_reading_command_does_without_the_files_of_the_archiver(write: Write) -> None:
    """`strongroom snapshots`, typed by an operator, must not need the service's credential."""
    file = write(CERTIFICATE + "[keys]\nsigner_file = 'keys/absent'")
    settings = load_settings(file, {}, require_files=False)
    assert settings.tenant.credential is not None
    assert settings.tenant.credential.certificate_file == SERVICE_CREDENTIALS / "graph.pem"


def test_a_credential_is_found_where_systemd_put_it(write: Write, host: Path) -> None:
    """LoadCredential hands secrets over in memory; the settings name them without knowing the folder."""
    settings = load_settings(write(CERTIFICATE), {"CREDENTIALS_DIRECTORY": str(host / "credentials")})
    assert settings.tenant.credential is not None
    assert settings.tenant.credential.certificate_file == host / "credentials/graph.pem"


def test_a_credential_outside_the_service_says_what_to_do(write: Write) -> None:
    """The same file works in the service; the message must not send the operator to change it."""
    with pytest.raises(SettingsError, match=r"\$CREDENTIALS_DIRECTORY is not set") as caught:
        load_settings(write(CERTIFICATE), {})
    assert "LoadCredential=graph.pem:PATH" in caught.value.next_step


@pytest.mark.parametrize("name", ["", "..", ".", "../../etc/shadow", "x" * 300])
def test_a_credential_name_leads_nowhere_else(write: Write, host: Path, name: str) -> None:
    """A credential is one file of one folder."""
    more = CERTIFICATE.replace("graph.pem", name)
    with pytest.raises(SettingsError, match=r"names a credential that can't exist"):
        load_settings(write(more), {"CREDENTIALS_DIRECTORY": str(host / "credentials")})


@pytest.mark.parametrize(
    "secret", ["AGE-SECRET-KEY-1QQQQQQQQ", "-----BEGIN PRIVATE KEY-----", "~Secret8Q~client.secret.of.Entra"]
)
@pytest.mark.parametrize("name", ["identity_file", "signer_file", "trust_root_file"])
def test_a_pasted_secret_is_never_shown(write: Write, name: str, secret: str) -> None:
    """Messages go to logs, tickets and screens; a secret pasted in a wrong place must not."""
    with pytest.raises(SettingsError) as caught:
        load_settings(write(f"[keys]\n{name} = '{secret}'"), {})
    assert secret not in caught.value.message + caught.value.next_step
    assert secret not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_path_goes_through_links_anew(write: Write, host: Path) -> None:
    """Certificates are rotated by moving a link; a path resolved once would stay with the old one."""
    (host / "current").symlink_to(host / "keys")
    settings = load_settings(write("[keys]\nsigner_file = 'current/signer.json'"), {})
    assert settings.keys.signer_file == host / "current/signer.json"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("require_files", [True, False])
def test_what_a_setting_names_is_a_regular_file(write: Write, host: Path, require_files: bool) -> None:
    """Reading a FIFO never ends, in commands that only read archives too."""
    os.mkfifo(host / "pipe")
    with pytest.raises(SettingsError, match=r"^keys\.trust_root_file names "):
        load_settings(write("[keys]\ntrust_root_file = 'pipe'"), {}, require_files=require_files)


def test_an_authority_without_a_certificate_is_an_error_of_its_setting(
    write: Write, host: Path, certificate: str
) -> None:
    """Found when a connection is opened, it would look like a failure of the network or of the disk."""
    more = "graph_url = 'https://localhost'\nauthority_url = 'https://localhost'\nca_bundle_file = 'ca.pem'"
    settings = write(id=f"id = 'contoso.com'\n{more}")
    for content in ("", "content", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        (host / "ca.pem").write_text(content)
        with pytest.raises(SettingsError, match=r"^tenant\.ca_bundle_file names .*no certificate in PEM") as caught:
            load_settings(settings, {})
        assert caught.value.exit_status == 10 and "BEGIN CERTIFICATE" in caught.value.next_step
        assert load_settings(settings, {}, require_files=False)
    (host / "ca.pem").write_text(f"# a name: é\n{certificate}")
    assert load_settings(settings, {}).tenant.ca_bundle_file == host / "ca.pem"


@pytest.mark.parametrize("require_files", [True, False])
def test_a_folder_in_a_file_s_place_is_said_to_be_none(write: Write, require_files: bool) -> None:
    """ "It does not exist" sends somebody to look for what he sees before him."""
    with pytest.raises(SettingsError, match=r"^keys\.signer_file names something that is no regular file"):
        load_settings(write("[keys]\nsigner_file = 'keys'"), {}, require_files=require_files)
