"""`[tenant.credential]`: how the archiver signs in to the tenant."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from config.errors import SettingsError
from config.place import SecretFile
from config.section import Section, setting

GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

# What each kind needs and what it must not have; a file that nothing would read is a mistake of the operator.
NEEDED = {
    "certificate": frozenset({"client_id", "certificate_file"}),
    "secret": frozenset({"client_id", "secret_file"}),
    "managed-identity": frozenset[str](),
    "workload-identity": frozenset[str](),
}
ALLOWED = {kind: needed | {"client_id"} for kind, needed in NEEDED.items()}


class CredentialSettings(Section):
    """The kind of credential, the application that it belongs to, and the file that holds it."""

    kind: Literal["certificate", "secret", "managed-identity", "workload-identity"] = setting(
        "Kind of credential: certificate, secret, managed-identity or workload-identity.",
        unit="one word",
        example="certificate",
    )
    client_id: str | None = setting(
        "The application's client id. A managed or workload identity needs it only where there are several.",
        unit="GUID",
        example="11111111-2222-4333-8444-555555555555",
        default=None,
        pattern=GUID,
    )
    certificate_file: SecretFile | None = setting(
        "Private key and certificate chain (kind certificate).",
        unit="PEM file, mode 600, or credential:NAME",
        example="credential:graph.pem",
        default=None,
    )
    secret_file: SecretFile | None = setting(
        "The client secret, one line (kind secret).",
        unit="file, mode 600, or credential:NAME",
        example="credential:graph.secret",
        default=None,
    )

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        given = {name for name in ("client_id", "certificate_file", "secret_file") if getattr(self, name) is not None}
        for name in sorted(NEEDED[self.kind] - given):
            raise SettingsError(
                f'tenant.credential.{name} is missing: kind = "{self.kind}" needs it.',
                next_step=f"Set tenant.credential.{name}, or choose another kind.",
            )
        for name in sorted(given - ALLOWED[self.kind]):
            raise SettingsError(
                f'tenant.credential.{name} is set, but kind = "{self.kind}" does not use it.',
                next_step=f"Remove tenant.credential.{name}, or choose the kind that it belongs to.",
            )
        return self
