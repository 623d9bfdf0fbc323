"""`python -m recovery.rehearsal`: runs a simulated tenant until it is told to stop."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from recovery.rehearsal.graph.faults import fault_plan_of
from recovery.rehearsal.population.blueprint import AtLeast
from recovery.rehearsal.population.permissions import READ_ROLES
from recovery.rehearsal.serving.options import LONGEST_LATENCY_MS, Options
from recovery.rehearsal.serving.process import settings_toml_of
from recovery.rehearsal.serving.server import Server
from recovery.rehearsal.serving.serving import serve, server_in
from recovery.rehearsal.serving.tokens import DEFAULT_LIFETIME_SECONDS
from verify.errors import StrongroomError, UsageError


def quota_of(text: str) -> float | None:
    """Resource units per second, or None for `none`."""
    return None if text == "none" else float(text)


def latency_of(text: str) -> int:
    """Milliseconds, from 0 to LONGEST_LATENCY_MS."""
    milliseconds = int(text)
    if not 0 <= milliseconds <= LONGEST_LATENCY_MS:
        raise argparse.ArgumentTypeError(f"must be 0 to {LONGEST_LATENCY_MS}, not {milliseconds}")
    return milliseconds


def parser_of() -> argparse.ArgumentParser:
    """The arguments; `strongroom tenant simulate` takes the first ones by the same names."""
    parser = argparse.ArgumentParser(prog="python -m recovery.rehearsal", description="Runs a simulated Entra tenant.")
    parser.add_argument("--dir", type=Path, required=True, help="where certificates and the secret are written")
    parser.add_argument("--users", type=int, default=200, help="users on the first day (default %(default)s)")
    parser.add_argument("--groups", type=int, default=0, help="groups at least, where users call for fewer")
    parser.add_argument("--principals", type=int, default=0, help="service principals at least")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same tenant (default %(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free port (default)")
    parser.add_argument("--quota", type=quota_of, default=None, help="resource units per second, or none (default)")
    parser.add_argument("--faults", default="none", help="fault plan, for example 429:0.02,reset:0.01,seed=7")
    parser.add_argument("--roles", default=",".join(READ_ROLES), help="application permissions, by comma")
    parser.add_argument(
        "--token-lifetime", type=int, default=DEFAULT_LIFETIME_SECONDS, help="seconds (default %(default)s)"
    )
    parser.add_argument(
        "--latency-ms",
        type=latency_of,
        default=0,
        help="milliseconds that every answer waits for (default %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON when ready, for programs")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs until SIGTERM or SIGINT. Returns the exit status of strongroom/COMMANDS.md section 1."""
    given = parser_of().parse_args(arguments)
    try:
        server = server_in(given.dir, _options_of(given))
    except ValueError as error:
        return _failed(UsageError(str(error)))
    except StrongroomError as error:
        return _failed(error)
    try:
        serve(server, lambda: _tell(server, as_json=given.json))
    except StrongroomError as error:
        return _failed(error)
    return 0


def _options_of(given: argparse.Namespace) -> Options:
    return Options(
        users=given.users,
        at_least=AtLeast(given.groups, given.principals),
        seed=given.seed,
        quota=given.quota,
        faults=fault_plan_of(given.faults),
        roles=tuple(role for role in given.roles.split(",") if role),
        token_lifetime=given.token_lifetime,
        host=given.host,
        port=given.port,
        latency_ms=given.latency_ms,
    )


def _failed(error: StrongroomError) -> int:
    print(f"error: {error}", file=sys.stderr)
    return error.exit_status


def _tell(server: Server, *, as_json: bool) -> None:
    details = server.details()
    print(json.dumps(details) if as_json else _greeting(details), flush=True)


def _greeting(details: dict[str, str]) -> str:
    return (
        f"# A simulated tenant listens on {details['graph_url']}. Settings that point at it:\n\n"
        f"{settings_toml_of(details)}\n"
        f"# Controls: {details['graph_url']}/_sim/ with the header\n"
        f"# Authorization: Bearer {details['control_token']}"
    )


if __name__ == "__main__":
    sys.exit(main())
