"""What can go wrong between Microsoft Graph and a record.

StrongroomError                         1
├── CredentialRefusedError             11   the login authority or Graph refuses the app's credential
├── CatalogueError                      1   the shipped catalogue is not what this code understands
└── ReadError                          13   one request did not give what was asked; becomes a gap
    ├── GraphUnreachableError          13   "unreachable": DNS, TCP, TLS, a reset, a timeout
    ├── ThrottledOutError              13   "throttled-out": 429 until the deadline, or to be waited out beyond it
    ├── ServerFaultError               13   "server-error": a 5xx or a page's 404 that stays, or an unexpected answer
    │   └── RequestRefusedError        13   "server-error": 400 or 501, so Graph can't answer this
    │       └── ExpiredLinkError       13   "server-error": a next link that is too old
    ├── PermissionMissingError         12   "forbidden": 403
    │   ├── LicenceMissingError        12   "licence-missing": 403 or 400 that names a licence
    │   ├── DelegatedOnlyError         12   "delegated-only": 403 that names application-only access
    │   └── UnreadableTargetError      12   "forbidden": 200, and null in the place of a relation's target
    ├── NotFoundError                  13   "not-found": 404 with Graph's own error in it
    ├── MalformedPageError             35   "malformed-page": not the JSON that COMMANDS.md section 3 allows
    │   └── AnswerTooLargeError        35   "malformed-page": more bytes than an answer may have
    └── ForeignLinkError                4   "foreign-link": a next link that leaves the configured host

The word in quotes is the `reason` of the gap (FORMAT.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from verify.errors import StrongroomError


class CredentialRefusedError(StrongroomError):
    exit_status = 11
    default_next_step = (
        "Check tenant.id, tenant.credential.client_id and the certificate or secret; `strongroom doctor` tries them."
    )


class CatalogueError(StrongroomError):
    default_next_step = "Install this version of Strongroom again; archiver/graph/catalogue.json does not belong to it."


class ReadError(StrongroomError):
    """One request that did not give what was asked. `reason` is the word that its gap carries."""

    exit_status = 13
    reason: ClassVar[str] = "server-error"


class GraphUnreachableError(ReadError):
    reason = "unreachable"
    default_next_step = "Check DNS, the proxy, the firewall and tenant.graph_url from this host, then run again."


class ThrottledOutError(ReadError):
    reason = "throttled-out"
    default_next_step = (
        "Lower export.quota_share or move the schedule away from other heavy use of this app, then run again."
    )


class ServerFaultError(ReadError):
    reason = "server-error"
    default_next_step = "Look at Microsoft's service health, then run again; the rest of the snapshot is sealed."


class RequestRefusedError(ServerFaultError):
    default_next_step = (
        "Report the request that the gap names: the catalogue asks for something that this tenant can't give."
    )


class ExpiredLinkError(RequestRefusedError):
    default_next_step = "Run again at a time when Graph is less busy; the list took longer than its links live."


class PermissionMissingError(ReadError):
    exit_status = 12
    reason = "forbidden"
    default_next_step = "Grant the permission that `strongroom doctor` names for this collection, with admin consent."


class LicenceMissingError(PermissionMissingError):
    reason = "licence-missing"
    default_next_step = "Leave the collection out with `-NAME` in export.collections, or get the licence that it needs."


class DelegatedOnlyError(PermissionMissingError):
    reason = "delegated-only"
    default_next_step = "Leave the collection out with `-NAME` in export.collections; Graph gives it to no application."


class UnreadableTargetError(PermissionMissingError):
    """Graph answers so, instead of with 403, where the app may not read what the relation leads to."""


class NotFoundError(ReadError):
    reason = "not-found"
    default_next_step = "Nothing, if the object was deleted while the tenant was read; the next run settles it."


class MalformedPageError(ReadError):
    exit_status = 35
    reason = "malformed-page"
    default_next_step = "Run again; if the same page stays malformed, look for a proxy that changes answers."


class AnswerTooLargeError(MalformedPageError):
    default_next_step = "Find out who answers in Graph's name: no page of Graph is near that large."


class ForeignLinkError(ReadError):
    exit_status = 4
    reason = "foreign-link"
    default_next_step = "Find out who answers in Graph's name: a next link must stay on tenant.graph_url."


GAP_STEPS: Mapping[str, str] = {
    error.reason: error.default_next_step
    for error in (
        GraphUnreachableError,
        ThrottledOutError,
        ServerFaultError,
        PermissionMissingError,
        LicenceMissingError,
        DelegatedOnlyError,
        MalformedPageError,
        ForeignLinkError,
    )
}
"""What to do about a gap, by its reason. An object that went while the tenant was read needs nothing."""
