"""`[tenant]`: the tenant that is archived, and where its Graph and its login authority are."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from config.credential import CredentialSettings
from config.errors import SettingsError
from config.origin import MAX_ORIGIN_CHARACTERS, Origin
from config.place import CertificateFile
from config.section import Section, setting

# A GUID, or a DNS name (RFC 1035 section 2.3.1) with at least one dot.
TENANT_ID = (
    r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z][a-zA-Z0-9-]{0,61}[a-zA-Z0-9])$"
)


class TenantSettings(Section):
    """Which tenant, in which cloud, reached where, by which credential."""

    id: str = setting(
        "The tenant: its GUID, or one of its verified domain names.",
        unit="GUID or domain name",
        example="contoso.onmicrosoft.com",
        max_length=253,
        pattern=TENANT_ID,
    )
    cloud: Literal["global", "usgov", "usgov-dod", "china"] = setting(
        "The Microsoft cloud that the tenant lives in: global, usgov, usgov-dod or china.",
        unit="one word",
        example="global",
        default="global",
    )
    simulated: bool = setting(
        "Whether this is a simulated tenant; manifests and reports then say so.",
        unit="true or false",
        example=False,
        default=False,
    )
    graph_url: Origin | None = setting(
        "Origin of Graph where it is not the cloud's own: a proxy, a private cloud, a simulated tenant. "
        "Links to any other host are refused.",
        unit="https origin, no version",
        example="https://localhost:8443",
        default=None,
        max_length=MAX_ORIGIN_CHARACTERS,
    )
    authority_url: Origin | None = setting(
        "Origin of the login authority where it is not the cloud's own. The tenant id is appended, and "
        "instance discovery is off.",
        unit="https origin",
        example="https://localhost:8443",
        default=None,
        max_length=MAX_ORIGIN_CHARACTERS,
    )
    ca_bundle_file: CertificateFile | None = setting(
        "Certificates that are trusted for the two origins above, instead of the system's.",
        unit="PEM file",
        example="ca.pem",
        default=None,
    )
    credential: CredentialSettings | None = setting(
        "How the archiver signs in. A host that only reads archives leaves it out.",
        unit="section",
        example=None,
        default=None,
    )

    @model_validator(mode="after")
    def _a_simulated_tenant_is_reached_at_its_own_origins(self) -> Self:
        if self.simulated and not (self.graph_url and self.authority_url):
            raise SettingsError(
                "tenant.simulated is true, but tenant.graph_url or tenant.authority_url is not set: "
                "requests would go to Microsoft.",
                next_step="Set both as `strongroom tenant simulate` prints them, or remove tenant.simulated.",
            )
        return self
