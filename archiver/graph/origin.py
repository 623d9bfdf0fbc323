"""Whether a URL stays at an origin (RFC 6454): scheme, host and port, and nobody's name in it."""

from __future__ import annotations

from urllib.parse import urlsplit

HTTPS_PORT = 443


def is_at(url: str, origin: str) -> bool:
    """Returns whether an https URL stays at an https origin; letter case and a written-out port 443 are the same.

    A dot behind the host's name is another name: who resolves it may be somebody else.
    """
    try:
        parts, home = urlsplit(url), urlsplit(origin)
        at, of = (parts.hostname, parts.port or HTTPS_PORT), (home.hostname, home.port or HTTPS_PORT)
    except ValueError:
        return False
    return parts.scheme == "https" and "@" not in parts.netloc and at == of
