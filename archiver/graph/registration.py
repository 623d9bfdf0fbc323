"""The commands that register the archiver's application with a tenant, ready to paste into a POSIX shell.

The certificate is made on the archive host, and only its public half leaves it. Everything else is done where an
administrator is signed in to the Azure CLI: the archive host never needs such a person.
Source: Microsoft Learn, Azure CLI reference, `az ad app` and `az ad sp`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from archiver.graph.grant import grant_lines_of

APPLICATION_NAME = "strongroom-archiver"
CERTIFICATE_DAYS = 365
RSA_BITS = 3072
"""As strong as AES-128 until 2030 and beyond (NIST SP 800-57 part 1, table 2); Entra takes RSA keys only."""

CLIENT_ID = '"$CLIENT_ID"'
"""How the lines after the first one name the application that it made."""


def public_file_of(key_file: Path) -> Path:
    """The certificate without its key, beside the file that has both."""
    return key_file.with_suffix(".crt")


def certificate_lines_of(key_file: Path) -> tuple[str, ...]:
    """Gives the lines that make a key with its certificate in `key_file`, mode 600, and the certificate beside it."""
    both, public = shlex.quote(str(key_file)), shlex.quote(str(public_file_of(key_file)))
    return (
        f"(umask 077 && openssl req -x509 -newkey rsa:{RSA_BITS} -sha256 -nodes -days {CERTIFICATE_DAYS}"
        f" -subj /CN={APPLICATION_NAME} -keyout {both} -out {both})",
        f"openssl x509 -in {both} -out {public}",
    )


def registration_lines_of(permissions: Iterable[str], certificate: str) -> tuple[str, ...]:
    """Gives the `az` lines that register the application; `certificate` is the path of the public half.

    The last two print what the settings need: the application's id and the tenant's.
    """
    az, _ = grant_lines_of(permissions, CLIENT_ID)
    return (
        f"CLIENT_ID=$(az ad app create --display-name {APPLICATION_NAME} --sign-in-audience AzureADMyOrg"
        " --query appId --output tsv)",
        f"az ad sp create --id {CLIENT_ID}",
        *az,
        f"az ad app credential reset --id {CLIENT_ID} --append --cert @{shlex.quote(certificate)}",
        f"echo {CLIENT_ID}",
        "az account show --query tenantId --output tsv",
    )
