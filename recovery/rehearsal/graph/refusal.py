"""Graph's way of saying no: a status, a code and a message in Graph's error JSON."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Refusal(Exception):
    """A request that is answered with an error. `headers` go on the response."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.headers = headers or {}

    def body(self, request_id: str, now: datetime) -> bytes:
        """Error JSON in Graph's shape."""
        inner = {"date": now.strftime("%Y-%m-%dT%H:%M:%S"), "request-id": request_id, "client-request-id": request_id}
        return msgspec.json.encode({"error": {"code": self.code, "message": self.message, "innerError": inner}})


def bad_request(message: str) -> Refusal:
    return Refusal(400, "Request_BadRequest", message)


def unsupported_query(message: str) -> Refusal:
    return Refusal(400, "Request_UnsupportedQuery", message)


def unknown_path(segment: str) -> Refusal:
    return Refusal(400, "BadRequest", f"Resource not found for the segment '{segment}'.")


def not_found(id: str) -> Refusal:
    """The answer for an object that does not exist, with Graph's wording."""
    return Refusal(
        404,
        "Request_ResourceNotFound",
        f"Resource '{id}' does not exist or one of its queried reference-property objects are not present.",
    )


def no_picture() -> Refusal:
    """The answer for an object without the photo or logo that is asked for."""
    return Refusal(404, "ImageNotFound", "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFound...")


def denied() -> Refusal:
    """The answer to an application without the permission."""
    return Refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
