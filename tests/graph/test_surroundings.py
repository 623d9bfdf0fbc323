"""The way to each national cloud, through a proxy, behind an authority of one's own: real sockets, no name resolved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from archiver.graph.client import GraphClient, Response
from archiver.graph.cloud import CLOUDS
from archiver.graph.errors import GraphUnreachableError
from tests.graph.connect_proxy import ConnectProxy
from tests.graph.private_authority import issue
from tests.graph.small_tenant import TENANT_ID, SmallTenant

HOSTS = sorted({str(urlsplit(origin).hostname) for cloud in CLOUDS.values() for origin in cloud})


class Asked(NamedTuple):
    response: Response
    tenant: SmallTenant
    proxy: ConnectProxy


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Asked]:
    """Asks for the organization, with a proxy in the environment that leads to a tenant behind our own authority."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    issue([*HOSTS, "localhost"], tmp_path / "small.pem", tmp_path / "authority.pem")

    def asked(
        *, refuses: bool = False, inside: str | None = None, wants: str = "", gives: str = "", **settings: Any
    ) -> Asked:
        tenant = SmallTenant(tmp_path, simulated=False)

        async def main() -> Asked:
            async with tenant:
                port = urlsplit(tenant.origin).port
                assert port is not None
                async with ConnectProxy(port, refuses, wants) as proxy:
                    monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("://", f"://{gives}@") if gives else proxy.url)
                    origin = tenant.origin if inside else None
                    monkeypatch.setenv("NO_PROXY", inside or "")
                    usual = {"graph_url": origin, "authority_url": origin, "ca_bundle_file": tmp_path / "authority.pem"}
                    async with GraphClient(tenant.settings(**{**usual, **settings}), connections=2) as client:
                        return Asked(await client.get(client.url_of("v1.0", "/organization")), tenant, proxy)

        return asyncio.run(main())

    return asked


@pytest.mark.parametrize("cloud", CLOUDS)
def test_each_cloud_is_reached_at_its_own_hosts_through_the_proxy_and_nothing_goes_beside_it(
    ask: Callable[..., Asked], cloud: str
) -> None:
    """A token of one cloud must not reach another; where all traffic goes through a proxy, nothing else is allowed."""
    done = ask(cloud=cloud)
    graph, authority = (str(urlsplit(origin).hostname) for origin in CLOUDS[cloud])
    assert done.response.status == 200 and TENANT_ID.encode() in done.response.body
    assert done.proxy.asked == [f"{authority}:443", f"{graph}:443"]
    assert done.tenant.hosts == {graph, authority}
    (form,) = done.tenant.sign_ins
    assert form["path"] == f"/{TENANT_ID}/oauth2/v2.0/token"
    assert form["scope"] == f"https://{graph}/.default"


def test_hosts_that_no_proxy_names_are_reached_without_it(ask: Callable[..., Asked]) -> None:
    """A private cloud, or a simulated tenant, lies inside."""
    done = ask(inside="localhost", refuses=True)
    assert done.response.status == 200 and done.proxy.asked == []


def test_a_proxy_that_opens_tls_needs_its_authority_in_the_settings(ask: Callable[..., Asked]) -> None:
    """Otherwise whoever stands in between would be believed; the error says what to do."""
    with pytest.raises(GraphUnreachableError) as caught:
        ask(ca_bundle_file=None)
    assert "certificate is not trusted" in caught.value.message
    assert "tenant.ca_bundle_file" in caught.value.next_step


def test_a_proxy_that_refuses_is_unreachable(ask: Callable[..., Asked]) -> None:
    """And not a refused credential."""
    with pytest.raises(GraphUnreachableError) as caught:
        ask(refuses=True)
    assert "403" in caught.value.message


def test_a_proxy_that_asks_for_a_password_gets_the_one_in_its_address(ask: Callable[..., Asked]) -> None:
    """For the login authority and for Graph: two libraries ask, each in its own way."""
    done = ask(wants="archive:p4ss w/rd", gives="archive:p4ss%20w%2Frd")
    assert done.response.status == 200 and len(done.proxy.asked) == 2


def test_a_proxy_that_gets_no_password_is_unreachable_and_says_so(ask: Callable[..., Asked]) -> None:
    """The number of the proxy's answer is what its administrator wants to hear."""
    with pytest.raises(GraphUnreachableError) as caught:
        ask(wants="archive:password")
    assert "407" in caught.value.message and "proxy" in caught.value.next_step
