"""The simulated tenant as a process of its own, and its controls."""

from __future__ import annotations

import json
import ssl
import stat
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from recovery.rehearsal.errors import ScriptError, SimulatorStartError
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from tests.rehearsal.sdk import SdkClient


def test_the_settings_point_at_it(still_tenant: RunningTenant) -> None:
    """An operator pastes them; they say that the tenant is simulated."""
    settings = tomllib.loads(still_tenant.settings_toml)["tenant"]
    credential = settings.pop("credential")
    assert settings == {
        "id": still_tenant.tenant_id,
        "cloud": "global",
        "simulated": True,
        "graph_url": still_tenant.graph_url,
        "authority_url": still_tenant.authority_url,
        "ca_bundle_file": str(still_tenant.ca_bundle_file),
    }
    assert credential == {
        "kind": "certificate",
        "client_id": still_tenant.client_id,
        "certificate_file": str(still_tenant.certificate_file),
    }


def test_private_files_are_for_the_owner_only(still_tenant: RunningTenant) -> None:
    """The archiver refuses key files that others can read."""
    for file in (still_tenant.secret_file, still_tenant.certificate_file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_end_of_the_block_ends_the_process(tmp_path: Path) -> None:
    """No server outlives its test, also when the test fails."""
    with pytest.raises(RuntimeError, match="on purpose"), simulated_tenant(tmp_path, users=20) as tenant:
        url, bundle = tenant.graph_url, tenant.ca_bundle_file
        assert tenant.stats()["users"] == 20
        raise RuntimeError("on purpose")
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=5, context=ssl.create_default_context(cafile=bundle))


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    """With the process's own words."""
    with pytest.raises(SimulatorStartError, match="users must be"), simulated_tenant(tmp_path, users=0):
        pass


def test_a_taken_port_is_an_error(still_tenant: RunningTenant, tmp_path: Path) -> None:
    """Two tenants on one port would be one of them by chance."""
    port = int(still_tenant.graph_url.rsplit(":", 1)[1])
    with pytest.raises(SimulatorStartError, match="can't listen"), simulated_tenant(tmp_path, users=20, port=port):
        pass


def test_nothing_went_wrong_inside(still_tenant: RunningTenant, still: SdkClient) -> None:
    """A traceback in the server's log is a defect even if the answer looked right."""
    still.get("/v1.0/users")
    assert "Traceback" not in still_tenant.secret_file.with_name("simulator.log").read_text()


def test_the_module_prints_settings_for_people(tmp_path: Path) -> None:
    """Without --json it talks to a person, and stops at SIGTERM with status 0."""
    command = [
        sys.executable,
        "-m",
        "recovery.rehearsal",
        "--dir",
        str(tmp_path),
        "--users",
        "20",
        "--faults",
        "429:0.01",
        "--quota",
        "80",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        while not lines[-1].startswith("# Authorization"):
            lines.append(process.stdout.readline())
        process.terminate()
        assert process.wait(20) == 0
    text = "".join(lines)
    assert tomllib.loads(text)["tenant"]["simulated"] is True
    assert len(lines[-1].removeprefix("# Authorization: Bearer ").strip()) >= 32


def test_the_controls_need_their_token(still_tenant: RunningTenant) -> None:
    """Whoever reaches the port can't change the tenant."""
    context = ssl.create_default_context(cafile=str(still_tenant.ca_bundle_file))
    for header in ({}, {"Authorization": "Bearer wrong"}):
        request = urllib.request.Request(f"{still_tenant.graph_url}/_sim/stats", headers=header)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, context=context, timeout=10)
        with caught.value as error:
            assert error.code == 401
            assert error.headers["x-strongroom-simulated"] == "1"


@pytest.mark.parametrize(
    ("command", "content"),
    [
        ("attack", {"name": "none"}),
        ("attack", "text"),
        ("attack", [{"op": "explode"}]),
        ("advance", {"days": 0}),
        ("advance", {"days": "many"}),
        ("advance", {"minutes": 0}),
        ("advance", {"days": 1, "minutes": 1}),
        ("delta", {"reset": "never"}),
        ("delta", {"reset": "resync", "collection": "namedLocations"}),
        ("delta", {"reset": "resync", "times": 0}),
        ("recovery", {"ids": "all"}),
        ("recovery", {}),
        ("settings", {"delta_page": 0}),
        ("settings", {"delta_links": "many"}),
        ("settings", {"delta_reset": "never"}),
        ("faults", {"plan": "x"}),
        ("churn", {"match": "("}),
        ("nonsense", {}),
        ("settings", {"nonsense": 1}),
        ("settings", {"quota": -1}),
        ("settings", {"roles": "all"}),
        ("nonsense", None),
    ],
)
def test_a_control_that_is_wrong_says_so(still_tenant: RunningTenant, command: str, content: object) -> None:
    """And changes nothing."""
    with pytest.raises(ScriptError):
        still_tenant.control(command, content)


def test_an_attack_shows_in_graph(changing_tenant: RunningTenant, client_of: Callable[..., SdkClient]) -> None:
    """From the control through the population to the wire, and drift and churn too."""
    client = client_of(changing_tenant)
    before = {user["id"] for user in client.all("/v1.0/users?$select=id")}
    changes = changing_tenant.attack("two-changes-and-an-attack")
    after = {user["id"] for user in client.all("/v1.0/users?$select=id")}
    assert before - after == {
        c["id"] for c in changes if c["collection"] == "users" and c["change"] == "removed" and "relation" not in c
    }
    policies = client.get("/v1.0/identity/conditionalAccess/policies").values
    assert next(p["state"] for p in policies if p["displayName"].startswith("CA000")) == "disabled"
    assert changing_tenant.advance(2)
    changing_tenant.set_churn([{"match": "/users", "every": 1, "times": 1, "add": 1, "delete": 1}])
    assert not changing_tenant.churned()
    client.get("/v1.0/users")
    assert changing_tenant.churned()
    assert changing_tenant.stats()["day"] == 2


def test_stats_tell_what_was_asked(changing_tenant: RunningTenant, client_of: Callable[..., SdkClient]) -> None:
    """By path class, so that a test can say how often something was read."""
    client = client_of(changing_tenant)
    user = client.get("/v1.0/users?$top=1").values[0]["id"]
    client.each(f"/v1.0/users/{user}/manager", f"/v1.0/users/{user}", "/beta/groups")
    stats = changing_tenant.stats()
    assert stats["path_classes"] == {
        "beta groups": 1,
        "v1.0 users": 1,
        "v1.0 users/{id}": 1,
        "v1.0 users/{id}/manager": 1,
    }
    assert stats["graph_requests"] == 4
    assert stats["tokens"] == 1
    assert stats["body_bytes"] > stats["wire_bytes"] > 0
    assert sum(stats["statuses"].values()) == 4
    assert stats["resource_units_offered"] is None


def test_a_permission_that_is_missing_closes_its_collections_only(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """403 with Graph's code, from the token's roles."""
    adjustable_tenant.set_roles(["User.Read.All", "Organization.Read.All"])
    client = client_of(adjustable_tenant)
    users, devices, activity = client.each(
        "/v1.0/users?$top=1", "/v1.0/devices", "/v1.0/users?$select=id,signInActivity"
    )
    assert users.status == 200
    assert (devices.status, devices.error_code) == (403, "Authorization_RequestDenied")
    assert activity.status == 403


def test_writing_is_refused(still: SdkClient, still_tenant: RunningTenant) -> None:
    """The simulator is read-only through Graph, like the archiver's application."""
    answers = still.batch([{"id": "1", "method": "PATCH", "url": "/users/x", "body": {}}]).json["responses"]
    assert answers[0]["body"]["error"]["code"] == "Authorization_RequestDenied"


def test_the_certificates_are_trusted_for_this_machine_only(still_tenant: RunningTenant) -> None:
    """Without the bundle of the run no client connects."""
    with pytest.raises(urllib.error.URLError, match="certificate verify failed"):
        urllib.request.urlopen(still_tenant.graph_url, timeout=5, context=ssl.create_default_context())


def test_the_ready_line_is_json(tmp_path: Path) -> None:
    """Programs in other languages can start it too."""
    command = [sys.executable, "-m", "recovery.rehearsal", "--json", "--dir", str(tmp_path), "--users", "20"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        details = json.loads(process.stdout.readline())
        process.terminate()
        process.wait(20)
    assert {
        "graph_url",
        "authority_url",
        "tenant_id",
        "client_id",
        "secret_file",
        "certificate_file",
        "ca_bundle_file",
        "control_token",
    } == set(details)
