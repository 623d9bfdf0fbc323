"""Why the archiver refuses to run.

StrongroomError                         1
├── EscrowError                         2   what is to be escrowed can't be, or nobody knows what for
├── SimulatedTenantError                4   a simulated tenant where a real one is configured, or the reverse
├── WriteRolesError                     4   the app may change the tenant
├── StateFormatError                    4   another version of Strongroom wrote the state folder
├── AnotherRunError                    14   another run holds the state
└── WrongTenantError                   34   Graph answers for another tenant than the settings name
"""

from __future__ import annotations

from verify.errors import StrongroomError


class EscrowError(StrongroomError):
    exit_status = 2
    default_next_step = "Name the file that holds the secret, and what it is for: COLLECTION/ID or COLLECTION/ID/KEYID."


class SimulatedTenantError(StrongroomError):
    exit_status = 4
    default_next_step = "Set tenant.simulated to what this tenant is, or correct tenant.graph_url."


class WriteRolesError(StrongroomError):
    exit_status = 4
    default_next_step = (
        "Use an app with read permissions only, or set export.allow_write_roles = true if there is none."
    )


class StateFormatError(StrongroomError):
    exit_status = 4
    default_next_step = (
        "Use the version of Strongroom that wrote it, or the newest one; CHANGELOG.md says which versions read which "
        "state. Nothing is damaged, and nothing was written."
    )


class AnotherRunError(StrongroomError):
    exit_status = 14
    default_next_step = "Wait for the run in progress; `strongroom status` shows it. A killed run lets go by itself."


class WrongTenantError(StrongroomError):
    exit_status = 34
    default_next_step = "Correct tenant.id, or the credential: the app belongs to another tenant."
