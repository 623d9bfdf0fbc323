"""A simulated tenant in a process of its own, for tests, the demo and rehearsals."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from select import select
from typing import Any

from recovery.rehearsal.altering.tenant import DEFAULT_SEED, DEFAULT_USERS
from recovery.rehearsal.errors import ScriptError, SimulatorStartError
from recovery.rehearsal.population.blueprint import NO_MORE, AtLeast
from recovery.rehearsal.population.permissions import READ_ROLES
from recovery.rehearsal.serving.tokens import DEFAULT_LIFETIME_SECONDS

START_SECONDS = 300.0
"""Time to the first answer; a tenant of 1,000,000 users takes 15 s on a machine that has nothing else to do."""

STOP_SECONDS = 10.0
CONTROL_SECONDS = 300.0
"""Longest that a control command may take: ten years of drift in a large tenant, a day in one of 1,000,000 users."""


def settings_toml_of(details: Mapping[str, str]) -> str:
    """The `[tenant]` and `[tenant.credential]` parts of `strongroom.toml`, with the client's certificate."""
    lines = [
        "[tenant]",
        f"id = {json.dumps(details['tenant_id'])}",
        'cloud = "global"',
        "simulated = true",
        f"graph_url = {json.dumps(details['graph_url'])}",
        f"authority_url = {json.dumps(details['authority_url'])}",
        f"ca_bundle_file = {json.dumps(details['ca_bundle_file'])}",
        "",
        "[tenant.credential]",
        'kind = "certificate"',
        f"client_id = {json.dumps(details['client_id'])}",
        f"certificate_file = {json.dumps(details['certificate_file'])}",
        "",
    ]
    return "\n".join(lines)


class RunningTenant:
    """A simulated tenant that answers. File attributes are absolute paths; URLs are origins."""

    def __init__(self, details: Mapping[str, str], process_id: int) -> None:
        self._details = details
        self.process_id = process_id
        self.graph_url = details["graph_url"]
        self.authority_url = details["authority_url"]
        self.tenant_id = details["tenant_id"]
        self.client_id = details["client_id"]
        self.secret_file = Path(details["secret_file"])
        self.certificate_file = Path(details["certificate_file"])
        self.ca_bundle_file = Path(details["ca_bundle_file"])
        self.settings_toml = settings_toml_of(details)
        context = ssl.create_default_context(cafile=details["ca_bundle_file"])
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), urllib.request.ProxyHandler({})
        )

    @property
    def settings(self) -> dict[str, Any]:
        """The same settings by dotted path (`tenant.graph_url`), as `strongroom init` takes them."""
        tenant = tomllib.loads(self.settings_toml)["tenant"]
        credential = tenant.pop("credential")
        return {f"tenant.{name}": value for name, value in tenant.items()} | {
            f"tenant.credential.{name}": value for name, value in credential.items()
        }

    def attack(self, script: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Applies a script, or a named story, and returns exactly what changed."""
        body = {"name": script} if isinstance(script, str) else {"operations": script}
        changes: list[dict[str, Any]] = self.control("attack", body)["changes"]
        return changes

    def load(self, collection: str, objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Adds objects in the shape of a create request or of an export (README, "Controls"), all or none."""
        changes: list[dict[str, Any]] = self.control("load", {"collection": collection, "objects": objects})["changes"]
        return changes

    def advance(self, days: int = 1) -> list[dict[str, Any]]:
        """Lets ordinary days pass and returns exactly what changed."""
        changes: list[dict[str, Any]] = self.control("advance", {"days": days})["changes"]
        return changes

    def advance_minutes(self, minutes: int) -> None:
        """Lets minutes pass on which nothing happens, but that events which arrive late can be read by then."""
        self.control("advance", {"minutes": minutes})

    def recover(self, ids: list[str] | None = None) -> list[dict[str, Any]]:
        """Has Entra's own backup undo what the last attack did to objects, all of them without `ids`."""
        changes: list[dict[str, Any]] = self.control("recovery", {} if ids is None else {"ids": ids})["changes"]
        return changes

    def reset_deltas(self, reset: str, *, collection: str | None = None, times: int = 1) -> None:
        """Has the next requests with a state token refused (README, "Change tracking"), of one collection or any."""
        named = {} if collection is None else {"collection": collection}
        self.control("delta", {"reset": reset, "times": times, **named})

    def stats(self) -> dict[str, Any]:
        """Requests, path classes, resource units used and offered, throttled, bytes, faults."""
        return self.control("stats", None)

    def set_faults(self, plan: str | dict[str, Any] | None) -> None:
        """Replaces the fault plan; None ends all faults."""
        self.control("faults", {"plan": plan})

    def set_churn(self, plans: list[dict[str, Any]]) -> None:
        """Replaces the churn plans (README, "Churn"); an empty list ends churn."""
        self.control("churn", plans)

    def churned(self) -> list[dict[str, Any]]:
        """What churn has changed so far, in order."""
        changes: list[dict[str, Any]] = self.control("churn", None)["changes"]
        return changes

    def set_roles(self, roles: list[str] | tuple[str, ...]) -> None:
        """The permissions in tokens issued from now on; clients keep the tokens they have."""
        self.control("settings", {"roles": list(roles)})

    def set_quota(self, quota: float | None) -> None:
        """Resource units per second, or None; the buckets start full."""
        self.control("settings", {"quota": quota})

    def set_token_lifetime(self, seconds: int) -> None:
        """Life of tokens issued from now on."""
        self.control("settings", {"token_lifetime": seconds})

    def set_latency(self, milliseconds: int) -> None:
        """What every answer waits for."""
        self.control("settings", {"latency_ms": milliseconds})

    def set_deltas(self, *, page: int, links: int, reset: str) -> None:
        """Objects and links on a page of change tracking, and how tokens that are too old are refused."""
        self.control("settings", {"delta_page": page, "delta_links": links, "delta_reset": reset})

    def control(self, command: str, content: Any) -> dict[str, Any]:
        """`GET /_sim/COMMAND` without content, `POST` with it.

        Raises: ScriptError with the simulator's message when it refuses, SimulatorStartError when it is not there.
        """
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(
            f"{self.graph_url}/_sim/{command}",
            data=data,
            headers={"Authorization": f"Bearer {self._details['control_token']}", "Content-Type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=CONTROL_SECONDS) as response:
                result: dict[str, Any] = json.load(response)
                return result
        except urllib.error.HTTPError as error:
            with error:
                raise ScriptError(_refusal_in(error)) from error
        except OSError as error:
            raise SimulatorStartError(
                f"no simulated tenant answers at {self.graph_url}",
                next_step="Start one with `strongroom tenant simulate`.",
            ) from error


@contextmanager
def simulated_tenant(
    directory: Path,
    *,
    users: int = DEFAULT_USERS,
    at_least: AtLeast = NO_MORE,
    seed: int = DEFAULT_SEED,
    quota: float | None = None,
    faults: str | dict[str, Any] | None = None,
    roles: tuple[str, ...] | list[str] = READ_ROLES,
    token_lifetime: int = DEFAULT_LIFETIME_SECONDS,
    port: int = 0,
    latency_ms: int = 0,
) -> Iterator[RunningTenant]:
    """Runs a simulated tenant beside this process and stops it at the end.

    `directory` gets the certificates, the client's secret and the server's `simulator.log`. `quota` is in
    resource units per second (None: no throttling), `token_lifetime` in seconds, `latency_ms` in milliseconds.

    Raises: SimulatorStartError when it does not answer within START_SECONDS.
    """
    directory.mkdir(parents=True, exist_ok=True)
    arguments = {
        "dir": directory,
        "users": users,
        "groups": at_least.groups,
        "principals": at_least.principals,
        "seed": seed,
        "quota": "none" if quota is None else quota,
        "faults": json.dumps(faults) if isinstance(faults, dict) else faults or "none",
        "roles": ",".join(roles),
        "token-lifetime": token_lifetime,
        "port": port,
        "latency-ms": latency_ms,
    }
    command = [sys.executable, "-m", "recovery.rehearsal", "--json"]
    command += [text for name, value in arguments.items() for text in (f"--{name}", str(value))]
    log = directory / "simulator.log"
    with log.open("ab") as errors, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:
        try:
            yield RunningTenant(_first_line_of(process, log), process.pid)
        finally:
            _stop(process)


def _refusal_in(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return f"the simulated tenant does not take it: {error.code} {error.reason}"


def _first_line_of(process: subprocess.Popen[bytes], log: Path) -> dict[str, str]:
    if process.stdout is None:
        raise SimulatorStartError("the simulated tenant has no output to read")
    ready, _, _ = select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if ready else b""
    if not line:
        said = log.read_text(errors="replace").strip()[-500:]
        raise SimulatorStartError(f"the simulated tenant did not start: {said or 'no message'}")
    details: dict[str, str] = json.loads(line)
    return details


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
