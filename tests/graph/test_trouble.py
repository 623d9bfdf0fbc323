"""What an operator is told when nobody answers: the cause, the next step, and no object of a library."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.graph.client import GraphClient, Limits
from archiver.graph.errors import GraphUnreachableError
from archiver.graph.trouble import next_step_of, next_step_of_refusal, words_of
from tests.graph.small_tenant import SmallTenant

QUICK = Limits(connect_seconds=2, read_seconds=0.3, request_seconds=2)


@pytest.fixture
def nobody() -> Iterator[str]:
    """An origin on this machine at which nobody listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield f"https://localhost:{reserved.getsockname()[1]}"


def said(folder: Path, *, of_authority: bool = False, **settings: Any) -> GraphUnreachableError:
    """The error of a client whose settings differ from those that work."""

    async def main() -> GraphUnreachableError:
        async with SmallTenant(folder) as tenant:
            if settings.pop("silent", False):
                tenant.faults.append(tenant.silence)
            async with GraphClient(tenant.settings(**settings), connections=1, limits=QUICK) as client:
                with pytest.raises(GraphUnreachableError) as caught:
                    await (client.token() if of_authority else client.get(client.url_of("v1.0", "/users")))
        return caught.value

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("message", "is_of_time"),
    [
        ("AADSTS700024: Client assertion is not within its valid time range.", True),
        ("AADSTS500133: Assertion is not within its valid time range.", True),
        ("AADSTS50012: Client assertion is not within its valid time range.", True),
        ("Lifetime validation failed, the token is expired.", True),
        ("AADSTS50012: Client assertion contains an invalid signature.", False),
        ("AADSTS700016: Application was not found in the directory.", False),
        ("AADSTS7000240: no such code", False),
    ],
)
def test_a_refusal_for_its_time_asks_for_the_clock(message: str, is_of_time: bool) -> None:
    """Every other one leaves the step to the error's class."""
    step = next_step_of_refusal(message)
    assert (step is not None and "clock" in step) is is_of_time


@pytest.mark.parametrize("of_authority", [False, True], ids=["graph", "authority"])
def test_a_refused_connection_is_called_that(tmp_path: Path, nobody: str, of_authority: bool) -> None:
    """Nothing runs there, or a firewall says no."""
    error = said(tmp_path, of_authority=of_authority, **{"authority_url" if of_authority else "graph_url": nobody})
    assert error.message.endswith(f" {nobody}: the connection was refused")
    assert "Start the simulated tenant again" in error.next_step
    elsewhere: dict[str, Any] = {"authority_url" if of_authority else "graph_url": nobody, "simulated": False}
    assert "DNS" in said(tmp_path, of_authority=of_authority, **elsewhere).next_step


@pytest.mark.parametrize("of_authority", [False, True], ids=["graph", "authority"])
def test_a_name_that_no_longer_resolves_is_called_that(tmp_path: Path, of_authority: bool) -> None:
    """RFC 2606 keeps `.invalid` for this."""
    origin = "https://graph.invalid"
    error = said(tmp_path, of_authority=of_authority, **{"authority_url" if of_authority else "graph_url": origin})
    assert "the name can't be resolved" in error.message


def test_silence_is_called_that(tmp_path: Path) -> None:
    """httpx says nothing at all here."""
    assert said(tmp_path, silent=True).message.endswith(": nothing came, or not all of it, in time")


@pytest.mark.parametrize(
    ("simulated", "bundle", "step"),
    [
        (True, True, "Was the simulated tenant started anew?"),
        (False, True, "Put the authority that issued"),
        (False, False, "Find out who answers there"),
    ],
)
def test_an_authority_with_an_untrusted_certificate_says_what_to_do(
    tmp_path: Path, simulated: bool, bundle: bool, step: str
) -> None:
    """A simulated tenant makes a new authority at each start; a proxy that opens TLS has its own."""
    (tmp_path / "other").mkdir()
    other = SmallTenant(tmp_path / "other").certificate()
    error = said(tmp_path, of_authority=True, simulated=simulated, ca_bundle_file=other if bundle else None)
    assert re.search(r"authority can't be reached at https://\S+: its certificate is not trusted: ", error.message)
    assert error.next_step.startswith(step) and "ca_bundle_file" in error.next_step
    assert "object at" not in error.message and "ssl:" not in error.message


def test_a_graph_with_an_untrusted_certificate_says_what_to_do(tmp_path: Path) -> None:
    """The token was had, and the host behind tenant.graph_url is another one."""
    (tmp_path / "other").mkdir()

    async def main() -> GraphUnreachableError:
        async with SmallTenant(tmp_path) as tenant, SmallTenant(tmp_path / "other") as other:
            settings = tenant.settings(graph_url=other.origin)
            async with GraphClient(settings, connections=1, limits=QUICK) as client:
                await client.token()
                with pytest.raises(GraphUnreachableError) as caught:
                    await client.get(client.url_of("v1.0", "/users"))
        return caught.value

    error = asyncio.run(main())
    assert "its certificate is not trusted: " in error.message
    assert error.next_step.startswith("Was the simulated tenant started anew?")


@pytest.mark.parametrize("code", [9, 10])
def test_a_certificate_that_is_out_of_date_may_be_a_matter_of_this_hosts_clock(tmp_path: Path, code: int) -> None:
    """A host whose clock is three years ahead sees every certificate expired."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "certificate has expired"
    assert words_of(error) == "its certificate is not trusted: certificate has expired"
    step = next_step_of(error, SmallTenant(tmp_path).settings(graph_url="https://x"))
    assert step is not None and "clock" in step


def test_objects_of_python_are_left_out_of_words() -> None:
    """aiohttp prints the SSL context into its messages."""
    error = RuntimeError("Cannot connect to host x:1 ssl:<ssl.SSLContext object at 0x7f664ebf89e0> [gone]")
    assert words_of(error) == "RuntimeError Cannot connect to host x:1 [gone]"
    assert words_of(RuntimeError("ssl:True [x]")) == "RuntimeError [x]"
    assert len(words_of(RuntimeError("x" * 10_000))) == 400


def test_the_bottom_of_nested_errors_is_what_counts(tmp_path: Path) -> None:
    """Four libraries wrap what the operating system said."""
    inner = ConnectionRefusedError(111, "refused")
    group = OSError("all failed")
    group.__cause__ = ExceptionGroup("several", [ValueError("x"), inner])
    outer = RuntimeError("outer")
    outer.__context__ = group
    assert words_of(outer) == "the connection was refused"
    loop = RuntimeError("loop")
    loop.__cause__ = RuntimeError("back")
    loop.__cause__.__cause__ = loop
    assert words_of(loop) == "RuntimeError loop"
    assert next_step_of(ssl.SSLError(1, "x"), SmallTenant(tmp_path).settings(graph_url="https://x")) is None


def test_libraries_print_nothing_beside_the_error(tmp_path: Path, nobody: str) -> None:
    """azure-identity warns on its own, with addresses of objects, before its error comes back."""
    (tmp_path / "secret").write_text("s")
    program = f"""
import asyncio
from pathlib import Path
from archiver.graph.errors import GraphUnreachableError
from tests.graph.small_tenant import SmallTenant
from archiver.graph.client import GraphClient

async def main():
    tenant = SmallTenant(Path({str(tmp_path)!r}))
    asyncio.get_running_loop()
    settings = tenant.settings(graph_url={nobody!r}, authority_url={nobody!r}, ca_bundle_file=None)
    async with GraphClient(settings, connections=1) as client:
        try:
            await client.token()
        except GraphUnreachableError:
            print("refused")

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("refused\n", "")
