"""An https origin, `https://HOST` or `https://HOST:PORT` (RFC 6454 section 4), whose host can exist."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from config.place import problem

MAX_HOST_CHARACTERS = 253  # RFC 1035 section 2.3.4: 255 octets, less the length of the first label and the root
MAX_ORIGIN_CHARACTERS = 300  # a host, a scheme and a port
# RFC 1123 section 2.1; an underscore is no letter of a host name, and internal names have it all the same.
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_ALL_DIGITS = re.compile(r"[0-9]+")


def _origin(value: str) -> str:
    """The origin without a slash at the end."""
    try:
        parts = urlsplit(value)
        is_origin = parts.scheme == "https" and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_origin = False
    else:
        is_origin = is_origin and parts.path in {"", "/"} and "@" not in value and not (parts.query or parts.fragment)
    if not is_origin:
        raise problem("value", "is not an https origin", "Write https://HOST or https://HOST:PORT, without a path.")
    if not _can_exist(parts.hostname or ""):
        raise problem(
            "value",
            "names a host that can't exist",
            "Correct the host name: labels of 1 to 63 letters, digits and hyphens, 253 characters in all; "
            "an international name in its xn-- form.",
        )
    return value.removesuffix("/")


def _can_exist(host: str) -> bool:
    """Whether a host is an address, or a name that the DNS could hold (a resolver may try others for minutes)."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        is_name = len(host) <= MAX_HOST_CHARACTERS and all(_LABEL.fullmatch(label) for label in labels)
        return is_name and not _ALL_DIGITS.fullmatch(labels[-1])
    return True


Origin = Annotated[str, AfterValidator(_origin)]
"""An https origin as text, without a slash at the end."""
