"""A credential that a record proves to exist, by what the record says of it."""

from __future__ import annotations

import base64
import binascii
import warnings
from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from cryptography import x509

from recovery.attribute import Value
from recovery.inventory.kind import Kind, member_of

_MOST_SECONDS = 10**12
"""Of a JSON web key's dates: beyond any year that a date can have, and before a number of a million digits."""


class Credential(NamedTuple):
    """`key_ids` are its own and those of its other parts; `in_use` is None where the object does not say."""

    kind: Kind
    key_ids: tuple[str, ...] = ()
    name: str | None = None
    hint: str | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    in_use: bool | None = None

    @property
    def key_id(self) -> str | None:
        """Its own key id; None where what it belongs to has but one."""
        return self.key_ids[0] if self.key_ids else None


def credentials_of(value: Value, kinds: Sequence[Kind]) -> Iterator[Credential]:
    """Yields what an object proves, in the order of the rows; each member of an array at most once."""
    taken: set[int] = set()
    for kind in kinds:
        if not kind.sources[0].proves(value):
            continue
        if kind.list is None:
            yield _credential_of(kind, value, value, ())
            continue
        for member in _members_of(value, kind.list):
            if id(member) not in taken and all(condition.holds(member) for condition in kind.where):
                parts = [member, *_covered_by(kind, value, member, taken)]
                taken.update(map(id, parts))
                yield _credential_of(kind, value, member, parts)


def lacks_list(value: Value, kind: Kind) -> bool:
    """Whether an object came without the array in which the credentials would be: that proves nothing."""
    absent = kind.list is not None and isinstance(value, dict) and kind.list not in value
    return absent and kind.sources[0].proves(value)


def moment_of(value: Value) -> datetime | None:
    """An instant: RFC 3339 text, or seconds since 1970 as JSON web keys have them; None for anything else."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, int | Decimal) and not isinstance(value, bool) and -_MOST_SECONDS < value < _MOST_SECONDS:
            return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError, ArithmeticError):
        return None
    return None


def _credential_of(kind: Kind, value: Value, member: Value, parts: Sequence[Value]) -> Credential:
    fields = kind.fields
    starts_at, expires_at = (moment_of(_field(member, name)) for name in (fields.starts_at, fields.expires_at))
    if fields.certificate:
        starts_at, expires_at = _dates_of(_field(member, fields.certificate))
    return Credential(
        kind,
        tuple(dict.fromkeys(key for part in parts if (key := _text(part, fields.key_id)))),
        _text(member, fields.name),
        _text(member, fields.hint),
        starts_at,
        expires_at,
        _in_use(kind, value, member),
    )


def _in_use(kind: Kind, value: Value, member: Value) -> bool | None:
    """Whether the object names this thumbprint, which stands there in hex and in the credential in base64."""
    preferred = _text(value, kind.preferred)
    own = _text(member, kind.fields.thumbprint)
    if preferred is None or own is None:
        return None
    try:
        spelt = base64.b64decode(own, validate=True).hex()
    except (binascii.Error, ValueError):
        spelt = ""
    return preferred.lower() in (spelt, own.lower())


def _members_of(value: Value, name: str) -> list[Value]:
    members = member_of(value, name)
    return [member for member in members if isinstance(member, dict)] if isinstance(members, list) else []


def _covered_by(kind: Kind, value: Value, member: Value, taken: Set[int]) -> Iterator[Value]:
    """The other parts of a credential, one of each array: whoever may write credentials can't hide more behind it."""
    found: set[str] = set()
    for cover in kind.covers:
        wanted = _text(member, cover.same)
        if wanted is None or cover.list in found:
            continue
        for one in _members_of(value, cover.list):
            free = one is not member and id(one) not in taken and not _is_another(kind, one, cover.list)
            if free and _text(one, cover.same) == wanted:
                found.add(cover.list)
                yield one
                break


def _is_another(kind: Kind, member: Value, name: str) -> bool:
    """Whether a member is a credential of this kind itself, so that no other may cover it."""
    return name == kind.list and all(condition.holds(member) for condition in kind.where)


def _dates_of(value: Value) -> tuple[datetime | None, datetime | None]:
    """The dates of a certificate; none if it can't be read."""
    if not isinstance(value, str):
        return None, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a certificate that the library finds odd is still the one in use
            certificate = x509.load_der_x509_certificate(base64.b64decode(value))
            return certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except ValueError:
        return None, None


def _field(member: Value, name: str | None) -> Value:
    return member_of(member, name) if name else None


def _text(member: Value, name: str | None) -> str | None:
    found = _field(member, name)
    return found if isinstance(found, str) and found else None
