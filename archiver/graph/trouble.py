"""What went wrong on the way to Graph or the login authority, in words for an operator.

The libraries below nest their errors several deep, and print objects of Python in them.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator

from config.tenant import TenantSettings

_MOST_CAUSES = 32
_PYTHON_OBJECT = re.compile(r"(?:\bssl:)?<[^<>]* object at 0x[0-9a-f]+>|\bssl:(?:True|False|default)\b")
_MOST_CHARACTERS = 400
_WRONG_TIME = re.compile(r"AADSTS(?:700024|500133)\b|valid time range|[Ll]ifetime validation failed")
"""The assertion, or the token, is not good at Microsoft's time (Microsoft Learn, Microsoft Entra error codes).

AADSTS50012 stands for other faults of an assertion too, so that its text decides."""
_OUT_OF_DATE = frozenset({9, 10})
"""X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED (OpenSSL, x509_vfy.h)."""


def words_of(error: BaseException) -> str:
    """Gives what is at the bottom of an error, without type names and objects where that is known."""
    for cause in _causes_of(error):
        # aiohttp derives an error from this class that lacks what OpenSSL said, and wraps the one that has it.
        if isinstance(cause, ssl.SSLCertVerificationError) and hasattr(cause, "verify_message"):
            return f"its certificate is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLCertVerificationError):
            return f"TLS failed: {cause.reason or cause.strerror}"
        if isinstance(cause, socket.gaierror):
            return f"the name can't be resolved: {cause.strerror}"
        if isinstance(cause, ConnectionRefusedError):
            return "the connection was refused"
        if isinstance(cause, TimeoutError):
            return "nothing came, or not all of it, in time"
    text = " ".join(_PYTHON_OBJECT.sub("", str(error)).split())
    return f"{type(error).__name__} {text}".strip()[:_MOST_CHARACTERS]


_SIMULATED_STEP = (
    "Start the simulated tenant again with `strongroom tenant simulate`, with the port and the folder that it had, "
    "then run again."
)


def next_step_of(error: BaseException, tenant: TenantSettings) -> str | None:
    """Gives what to do about a certificate that is not trusted, and a simulated tenant that is not there; else None."""
    refused = [cause for cause in _causes_of(error) if isinstance(cause, ssl.SSLCertVerificationError)]
    if not refused:
        gone = any(isinstance(cause, ConnectionRefusedError) for cause in _causes_of(error))
        return _SIMULATED_STEP if gone and tenant.simulated else None
    if any(getattr(cause, "verify_code", None) in _OUT_OF_DATE for cause in refused):
        return "Compare this host's clock with another one; if it is right, that host needs a new certificate."
    if tenant.simulated:
        return (
            "Was the simulated tenant started anew? Then its certificate is new: set tenant.ca_bundle_file to the "
            "file that it printed."
        )
    if tenant.ca_bundle_file:
        return "Put the authority that issued the host's certificate into tenant.ca_bundle_file, or remove the setting."
    return "Find out who answers there; a proxy that opens TLS needs its own authority in tenant.ca_bundle_file."


def next_step_of_refusal(message: str) -> str | None:
    """Gives what to do about a sign-in that was refused for its time; None for every other reason."""
    if not _WRONG_TIME.search(message):
        return None
    return (
        "Set this host's clock and keep it set (NTP): Microsoft refuses what is signed more than 5 minutes off its own."
    )


def _causes_of(error: BaseException) -> Iterator[BaseException]:
    """The error, then what it came from, a group's members too; outermost first."""
    waiting: list[BaseException | None] = [error]
    for _ in range(_MOST_CAUSES):
        if not waiting:
            return
        one = waiting.pop(0)
        if one is None:
            continue
        yield one
        waiting.append(one.__cause__ or one.__context__)  # a library may hide the second, and it is what happened
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
