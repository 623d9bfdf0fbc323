"""Runs a simulated Entra tenant on this machine, for trials and rehearsals, until Ctrl-C or SIGTERM.

It speaks Graph and the login authority over HTTPS, to unmodified Microsoft clients. Prints the settings that
point at it; certificates and the client's secret are written into --dir. Its data are made up from the seed.
"""

from __future__ import annotations

import argparse
import os
import shlex

from recovery.rehearsal.altering.tenant import DEFAULT_SEED, DEFAULT_USERS
from recovery.rehearsal.graph.faults import FaultPlan, fault_plan_of
from recovery.rehearsal.population.blueprint import LARGEST_TENANT_USERS
from recovery.rehearsal.serving.certificates import OWN_KEYS
from recovery.rehearsal.serving.options import LONGEST_LATENCY_MS, Options
from recovery.rehearsal.serving.process import settings_toml_of
from recovery.rehearsal.serving.server import SECRET_FILE, Server
from recovery.rehearsal.serving.serving import serve, server_in
from strongroom.console import Console
from strongroom.option import SIMULATED_TENANT_FOLDER, folder, whole_number
from strongroom.private_key import require_no_private_key
from verify.errors import StrongroomError
from verify.wording import counted

DEFAULT_PORT = 8443
MAX_PORT = 65_535  # RFC 9293, section 3.1: a port has 16 bits
NO_QUOTA = "none"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the tenant is like, and how it is served."""
    _add_tenant_options(parser)
    _add_service_options(parser)


def _add_tenant_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--users",
        metavar="N",
        type=whole_number(1, LARGEST_TENANT_USERS, "a number of users"),
        default=DEFAULT_USERS,
        help="users on the first day (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        metavar="S",
        type=int,
        default=DEFAULT_SEED,
        help="the same seed gives the same tenant (default: %(default)s)",
    )


def _add_service_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        metavar="P",
        type=whole_number(0, MAX_PORT, "a port"),
        default=DEFAULT_PORT,
        help="0 takes a free one (default: %(default)s)",
    )
    parser.add_argument(
        "--quota",
        metavar="RU_PER_S",
        type=_quota,
        default=None,
        help="resource units a second before it throttles, or none (default)",
    )
    parser.add_argument(
        "--faults",
        metavar="PLAN",
        type=_faults,
        default=FaultPlan(),
        help="what goes wrong, such as 429:0.02,reset:0.01,seed=7 (default: nothing)",
    )
    parser.add_argument(
        "--latency-ms",
        metavar="MS",
        type=whole_number(0, LONGEST_LATENCY_MS, "a number of milliseconds"),
        default=0,
        help="milliseconds that every answer waits for (default: %(default)s)",
    )
    parser.add_argument(
        "--dir",
        metavar="DIR",
        type=folder,
        default=SIMULATED_TENANT_FOLDER,
        help="folder of its files (default: %(default)s)",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Serves until it is told to stop; then exit 0."""
    options = Options(
        users=arguments.users,
        seed=arguments.seed,
        quota=arguments.quota,
        faults=arguments.faults,
        port=arguments.port,
        latency_ms=arguments.latency_ms,
    )
    arguments.dir.absolute()  # a working folder that was removed is told as that, and not as a folder of no rights
    console.say(f"making a tenant of {counted(arguments.users, 'user')}")
    earlier = os.access(arguments.dir / SECRET_FILE, os.F_OK)  # false also where this account can't look
    require_no_private_key(arguments.dir, OWN_KEYS if earlier else ())
    server = server_in(arguments.dir, options)
    if earlier:
        console.say(
            f"{arguments.dir} has the files of an earlier simulated tenant; this is a new one, at its first day: what "
            "was changed in the earlier one is gone, and its certificates and secret are replaced"
        )
    serve(server, lambda: _show(server, console))
    console.say("stopped")
    return 0


def _show(server: Server, console: Console) -> None:
    details = server.details()
    toml = settings_toml_of(details)
    lines = [
        f"# A simulated tenant answers at {details['graph_url']}. In strongroom.toml,",
        "# in place of [tenant] and [tenant.credential]:",
        "",
        *toml.splitlines(),
        "",
        "# To let an intruder loose in it:",
        f"# strongroom tenant attack --dir {shlex.quote(str(server.directory))}",
    ]
    console.show({**details, "settings_toml": toml}, lines, ends=False)
    console.say("Ctrl-C stops it")


def _quota(text: str) -> float | None:
    if text == NO_QUOTA:
        return None
    try:
        quota = float(text)
    except ValueError:
        quota = 0.0
    if not 0 < quota < float("inf"):
        raise argparse.ArgumentTypeError("not a number of resource units a second, and not none")
    return quota


def _faults(text: str) -> FaultPlan:
    try:
        return fault_plan_of(text)
    except StrongroomError as error:
        raise argparse.ArgumentTypeError(error.message) from error
