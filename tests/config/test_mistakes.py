"""A mistake in the settings names the setting and the way out, and never shows a value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.errors import SettingsError, UnknownSettingError, UnsupportedSettingError
from config.loading import load_settings
from config.outline import ANY_INDEX
from config.unsupported import ANY, UNSUPPORTED, Unsupported, refuse_unsupported

Write = Callable[..., Path]
CLIENT = 'client_id = "11111111-2222-4333-8444-555555555555"'


@pytest.mark.parametrize(
    ("more", "unknown", "meant"),
    [
        ("[exprot]", "exprot", "export"),
        ("[export]\nparalell_requests = 3", "export.paralell_requests", "export.parallel_requests"),
        ("[export]\ncron = '* * * * *'", "export.cron", "schedule.cron"),
        (
            "[[stores]]\nname = 'b'\nurl = 'dir:b'\nretention_days = 1\nmodus = 'none'",
            "stores.1.modus",
            "mode",
        ),
        ("[[store]]\nname = 'b'", "store", "stores"),
        ("[tenant.credentials]\nkind = 'secret'", "tenant.credentials", "tenant.credential"),
    ],
)
def test_an_unknown_key_is_named_with_its_path_and_the_closest_known_name(
    write: Write, more: str, unknown: str, meant: str
) -> None:
    """A mistyped setting that is ignored is a setting that the operator believes in."""
    with pytest.raises(UnknownSettingError) as caught:
        load_settings(write(more), {})
    assert f"{unknown} is not a setting. Did you mean " in caught.value.message
    assert meant in caught.value.message
    assert caught.value.exit_status == 10


@pytest.mark.parametrize("more", ["[archive]\na = 1", "[archive.a]\nb = 1", "[tenant.credential]\na = 1"])
def test_the_section_of_an_unknown_key_is_not_what_is_meant(tmp_path: Path, more: str) -> None:
    """It is there already."""
    file = tmp_path / "strongroom.toml"
    file.write_text(more)
    with pytest.raises(UnknownSettingError, match=r" is not a setting\.\n") as caught:
        load_settings(file, {})
    assert "Did you mean" not in caught.value.message


def test_an_unknown_key_like_no_other_gets_no_suggestion(write: Write) -> None:
    """A far-fetched suggestion sends the reader the wrong way."""
    with pytest.raises(UnknownSettingError, match=r"^xyzzy is not a setting\.$"):
        load_settings(write("[xyzzy]"), {})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("parallel_requests = '16'", "export.parallel_requests should be a valid integer, and is text"),
        ("parallel_requests = 16.0", "export.parallel_requests should be a valid integer, and is a number"),
        (
            "parallel_requests = true",
            "export.parallel_requests should be a valid integer, and is true or false",
        ),
        ("parallel_requests = 0", "export.parallel_requests should be greater than or equal to 1"),
        ("quota_share = 1.5", "export.quota_share should be less than or equal to 1"),
        ("quota_share = nan", "export.quota_share"),
        ("collections = 'all'", "export.collections should be a valid list, and is text"),
        ("collections = ['Users']", "export.collections.0 should match pattern"),
        ("collections = ['-users']", "export.collections chooses no collection"),
        ("collections = ['users', 'users']", "export.collections names a collection twice"),
        (
            "allow_write_roles = 1",
            "export.allow_write_roles should be a valid boolean, and is a whole number",
        ),
        ("read = 'all'", "export.read should be 'full'"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_expected(write: Write, line: str, message: str) -> None:
    """Values are never converted: "16" in quotes is a mistake, not sixteen."""
    with pytest.raises(SettingsError) as caught:
        load_settings(write(f"[export]\n{line}"), {})
    assert message in caught.value.message
    assert caught.value.exit_status == 10
    assert caught.value.next_step.startswith(("Correct export.", "Begin with", "Name each"))


def test_a_missing_setting_is_named_with_an_example(write: Write) -> None:
    """Who leaves one out does not know its form."""
    with pytest.raises(SettingsError, match=r"^archive\.state_dir is missing\.$") as caught:
        load_settings(write(state_dir=""), {})
    assert caught.value.next_step == "Set archive.state_dir, for example 'state' (path)."


def test_all_mistakes_are_named_at_once(write: Write) -> None:
    """Four mistakes should not take four tries."""
    with pytest.raises(SettingsError) as caught:
        load_settings(write("[export]\nread = 'x'\nmax_drop = 2\n[keys]\nnonsense = 1", id="id = 'x'"), {})
    assert len(caught.value.message.splitlines()) == 4


@pytest.mark.parametrize("value", ["contoso", "contoso..com", "-a.com", "a.com/x", "", "x" * 300 + ".com"])
def test_a_tenant_is_a_guid_or_a_domain_name(write: Write, value: str) -> None:
    """The id goes into URLs; whatever else stands there could lead elsewhere."""
    with pytest.raises(SettingsError, match=r"tenant\.id"):
        load_settings(write(id=f"id = '{value}'"), {})


@pytest.mark.parametrize(
    "value",
    [
        "http://localhost",
        "https://",
        "localhost:8443",
        "https://host/v1.0",
        "https://u:p@host",
        "https://host?x",
        "https://host:99999",
        "https://[host",
    ],
)
def test_a_url_of_graph_is_an_https_origin(write: Write, value: str) -> None:
    """Tokens go there: without TLS or with a path, they would go to the wrong place."""
    with pytest.raises(SettingsError, match=r"tenant\.graph_url is not an https origin"):
        load_settings(write(id=f"id = 'contoso.com'\ngraph_url = '{value}'"), {})


@pytest.mark.parametrize(
    "name",
    [
        "a" * 64 + ".example.com",
        ".".join(["a" * 60] * 5),
        "a..example.com",
        ".example.com",
        "-a.example.com",
        "a-.example.com",
        "a b.example.com",
        "exämple.com",
        "10.0.0.256",
        "1.2.3",
    ],
)
def test_a_host_that_can_not_exist_is_a_mistake_in_the_settings(write: Write, name: str) -> None:
    """A resolver would be asked for minutes, and the run would end as if the network were away."""
    with pytest.raises(SettingsError, match=r"^tenant\.graph_url names a host that can't exist") as caught:
        load_settings(write(id=f"id = 'contoso.com'\ngraph_url = 'https://{name}'"), {})
    assert caught.value.exit_status == 10 and "63" in caught.value.next_step


@pytest.mark.parametrize(
    "name",
    ["localhost", "10.0.0.1", "[2001:db8::1]", "graph.microsoft.com.", "a" * 63 + ".b", "xn--e1afmkfd.com", "a_b"],
)
def test_names_and_addresses_that_can_exist_are_taken(write: Write, name: str) -> None:
    """Proxies and private clouds have names of every kind."""
    settings = load_settings(write(id=f"id = 'contoso.com'\ngraph_url = 'https://{name}:8443/'"), {})
    assert settings.tenant.graph_url == f"https://{name}:8443"


def test_a_simulated_tenant_needs_origins_of_its_own(write: Write) -> None:
    """With Microsoft's own hosts, "simulated" would mark a real tenant's archive as a game."""
    with pytest.raises(SettingsError, match="requests would go to Microsoft"):
        load_settings(write(id="id = 'contoso.com'\nsimulated = true"), {})
    urls = "graph_url = 'https://localhost:8443/'\nauthority_url = 'https://localhost:8443'"
    settings = load_settings(write(id=f"id = 'contoso.com'\nsimulated = true\n{urls}"), {})
    assert settings.tenant.graph_url == "https://localhost:8443"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("kind = 'certificate'", "certificate_file is missing"),
        (f"kind = 'certificate'\n{CLIENT}", "certificate_file is missing"),
        (f"kind = 'secret'\n{CLIENT}", "secret_file is missing"),
        ("kind = 'secret'\nsecret_file = 'secret'", "client_id is missing"),
        ("kind = 'managed-identity'\nsecret_file = 'secret'", "secret_file is set"),
        ("kind = 'secret'\nclient_id = 'my app'", "client_id should match pattern"),
        ("kind = 'password'", "kind should be 'certificate', 'secret'"),
    ],
)
def test_a_credential_has_what_its_kind_needs_and_no_more(write: Write, lines: str, message: str) -> None:
    """A secret that nothing reads lies about for nothing; a missing one fails at two in the morning."""
    with pytest.raises(SettingsError) as caught:
        load_settings(write(f"[tenant.credential]\n{lines}"), {})
    assert message in caught.value.message


@pytest.mark.parametrize("cron", ["* * * *", "61 * * * *", "x", "0 0 1 * 1", "0 0 * * 5-9", "0 0 * * mon-sun-tue"])
def test_a_cron_expression_is_parsed_at_once(write: Write, cron: str) -> None:
    """A schedule that fails when the service starts is a schedule that nobody sees fail."""
    with pytest.raises(SettingsError, match=r"^schedule\.cron "):
        load_settings(write(f"[schedule]\ncron = '{cron}'"), {})


@pytest.mark.parametrize("cron", ["0 0 31 2 *", "0 0 30 2 *", "15 2 31 4,6,9,11 *"])
def test_a_schedule_that_never_comes_is_refused(write: Write, cron: str) -> None:
    """Each field is in order, and no run would ever start."""
    with pytest.raises(SettingsError, match=r"^schedule\.cron .*no run would ever start"):
        load_settings(write(f"[schedule]\ncron = '{cron}'"), {})


@pytest.mark.parametrize("cron", ["0 0 29 2 *", "0 0 31 * *", "15 2 * * 0"])
def test_a_schedule_that_comes_seldom_is_taken(write: Write, cron: str) -> None:
    """How fresh an archive must be is for its owner to say; doctor tells when the next run is."""
    assert load_settings(write(f"[schedule]\ncron = '{cron}'"), {}).schedule.cron == cron


@pytest.mark.parametrize(
    ("recipients", "message"),
    [
        (["ssh-ed25519 AAAA"], "should match pattern"),
        (["age1pq1" + "q" * 3000], "should have at most"),
        (["age1qqqq", "age1pq1qqqq"], "mixes post-quantum and classical"),
        (["age1qqqq", "age1qqqq"], "names a recipient twice"),
        (["AGE-SECRET-KEY-1QQQQ"], "should match pattern"),
    ],
)
def test_recipients_are_age_public_keys_of_one_kind(write: Write, recipients: list[str], message: str) -> None:
    """One classical recipient would make a post-quantum bundle as weak as itself."""
    with pytest.raises(SettingsError) as caught:
        load_settings(write(f"[keys]\nrecipients = {recipients}"), {})
    assert message in caught.value.message
    assert "QQQQ" not in caught.value.message


@pytest.mark.parametrize("url", ["/srv/archive", "ftp://host/x", "", "dir:"])
def test_the_url_of_a_store_has_a_known_scheme(write: Write, url: str) -> None:
    """A guess at what is meant could write an archive into the wrong place."""
    with pytest.raises(SettingsError, match=r"stores\.0\.url"):
        load_settings(write(url=f"url = '{url}'"), {})


def _document_with(path: tuple[str, ...], value: object) -> Any:
    """A settings document in which only `path` is set."""
    if not path:
        return value
    inner = _document_with(path[1:], value)
    return [inner] if path[0] == ANY_INDEX else {path[0]: inner}


@pytest.mark.parametrize("entry", UNSUPPORTED, ids=lambda entry: ".".join(entry.path))
def test_a_setting_that_nothing_acts_on_is_refused(entry: Unsupported) -> None:
    """An operator who sets an alert and gets none believes in an alarm that will never come."""
    document = _document_with(entry.path, "x" if entry.value is ANY else entry.value)
    with pytest.raises(UnsupportedSettingError, match="not supported in this version") as caught:
        refuse_unsupported(document)
    assert ".".join(entry.path).replace(ANY_INDEX, "0") in caught.value.message
    assert caught.value.exit_status == 10


def test_loading_refuses_what_nothing_acts_on(write: Write) -> None:
    """The table of such settings serves only if loading consults it."""
    with pytest.raises(UnsupportedSettingError, match=r"^alerts is not supported in this version\.$"):
        load_settings(write("[alerts]\nwebhook_url_file = 'hook'"), {})


@pytest.mark.parametrize("url", ["s3://bucket/x", "azblob://account/container", "media:/mnt/a"])
def test_a_store_that_this_version_cannot_write_is_refused(write: Write, url: str) -> None:
    """The contract promises these stores; until they exist, naming one must not look like having one."""
    with pytest.raises(UnsupportedSettingError, match=r"^stores\.0\.url begins with"):
        load_settings(write(url=f"url = '{url}'"), {})


def test_an_empty_list_of_secrets_asks_for_nothing(write: Write) -> None:
    """The contract's own example says `secrets = []`; saying that nothing is wanted is fine."""
    assert load_settings(write("[export]\nsecrets = []"), {}).export.secrets == ()
