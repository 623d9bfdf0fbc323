"""The hosts of each Microsoft cloud.

Sources: Microsoft Learn, "National cloud deployments" (Graph and sign-in endpoints of each cloud).
"""

from __future__ import annotations

from typing import NamedTuple


class Cloud(NamedTuple):
    """Origins of Graph and of the login authority; the token scope is Graph's origin with `/.default`."""

    graph: str
    authority: str

    @property
    def scope(self) -> str:
        """The scope of an application token; it stays the cloud's own when `tenant.graph_url` is set."""
        return f"{self.graph}/.default"


CLOUDS = {
    "global": Cloud("https://graph.microsoft.com", "https://login.microsoftonline.com"),
    "usgov": Cloud("https://graph.microsoft.us", "https://login.microsoftonline.us"),
    "usgov-dod": Cloud("https://dod-graph.microsoft.us", "https://login.microsoftonline.us"),
    "china": Cloud("https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
}
