"""From the bytes of a stream, such as a photo, to its record (COMMANDS.md section 3)."""

from __future__ import annotations

import base64
import re

from archiver.graph.exact import string_of
from archiver.graph.record import object_key
from verify.key import STREAM, KeyFields, Record

UNKNOWN_TYPE = "application/octet-stream"
"""What bytes are of which nobody says what they are (RFC 2046 section 4.5.1)."""

_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")
"""RFC 6838 section 4.2, in lower case."""


def media_type_of(content_type: str | None) -> str:
    """Gives the media type in a `Content-Type`, without parameters."""
    essence = (content_type or "").partition(";")[0].strip().lower()
    return essence if _MEDIA_TYPE.fullmatch(essence) else UNKNOWN_TYPE


def stream_record_of(collection: str, id_: str, parent: tuple[str, ...], name: str, type_: str, body: bytes) -> Record:
    """Gives the record of a stream; `parent` is flat, from the outermost down.

    Raises:
        MalformedPageError: no key can hold the id.
    """
    members = [f'"collection":{string_of(collection)}', f'"id":{string_of(id_)}']
    if parent:
        members.append(f'"parent":[{",".join([string_of(one) for one in parent])}]')
    members += [f'"stream":{string_of(name)}', f'"type":{string_of(type_)}', '"value":"']
    line = b'{%b%b"}' % (",".join(members).encode(), base64.b64encode(body))
    return Record(object_key(KeyFields(collection, id_, parent, STREAM, name)), line)
