"""Secrets and certificates that were added to an application or a service principal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from recovery.attribute import AttributeChange, Value

HOLDERS: Final = frozenset({"applications", "servicePrincipals"})
OWNERS: Final = "owners"
"""The relation of both collections: whoever is in it can add a secret."""
_LISTS: Final = ("passwordCredentials", "keyCredentials")


def has_new_credential(value: Value, attributes: Iterable[AttributeChange], *, is_new: bool) -> bool:
    """Whether a secret or a certificate is there that was not there before: of a new object, any at all.

    `value` is the object, `attributes` what differs of it.
    """
    if is_new:
        return isinstance(value, Mapping) and any(set(_key_ids_in(value.get(name))) for name in _LISTS)
    lists = [change for change in attributes if change.path.removeprefix("/") in _LISTS]
    return any(set(_key_ids_in(change.after)) - set(_key_ids_in(change.before)) for change in lists)


def _key_ids_in(value: Value) -> Iterator[str]:
    for credential in value if isinstance(value, list) else ():
        if isinstance(credential, dict) and isinstance(id_ := credential.get("keyId"), str):
            yield id_
