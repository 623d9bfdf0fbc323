"""F-JSON-1: control documents are strict JSON, in envelopes, payloads, roots and copies."""

from __future__ import annotations

from tests.vectors.vector import Fault, VectorFile, called
from tests.verify.kit.crew import sound_story
from tests.verify.kit.edit import Edit, Json, member, swapped
from tests.verify.kit.story import Story

VECTORS = VectorFile()


def _in_payload(edit: Edit[bytes]) -> Fault:
    def fault(story: Story) -> None:
        story.snapshots[0].statement.payload_bytes = edit

    return fault


def _in_envelope(edit: Edit[bytes]) -> Fault:
    def fault(story: Story) -> None:
        story.snapshots[0].statement.file = edit

    return fault


def _nested(depth: int) -> bytes:
    """A member whose innermost value stands `depth` levels deep, the document itself being the first."""
    return b'{"later":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b","


def _more(text: bytes) -> Edit[bytes]:
    """Puts one more, unknown member at the front of a document."""
    return swapped(b"{", b'{"later":' + text + b",")


PAYLOADS: list[tuple[str, str, Edit[bytes]]] = [
    ("payload_names_a_member_twice", "A manifest names `epoch` twice.",
     swapped(b'"epoch":1', b'"epoch":1,"epoch":1')),
    ("payload_names_a_nested_member_twice", "A count names `objects` twice.",
     swapped(b'"objects":', b'"objects":0,"objects":')),
    ("payload_with_a_byte_order_mark", "A manifest begins with a byte order mark.",
     lambda text: b"\xef\xbb\xbf" + text),
    ("payload_with_nan", "An unknown member is NaN.", _more(b"NaN")),
    ("payload_with_infinity", "An unknown member is -Infinity.", _more(b"-Infinity")),
    ("payload_with_a_fraction", "An unknown member is 1.0.", _more(b"1.0")),
    ("payload_with_an_exponent", "An unknown member is 1e3.", _more(b"1e3")),
    ("payload_with_a_huge_exponent", "An unknown member is 1e999999999.", _more(b"1e999999999")),
    ("payload_with_a_number_beyond_2_53", "An unknown member is 2^53 + 1.", _more(b"9007199254740993")),
    ("payload_with_a_number_of_5000_digits", "An unknown member has 5,000 digits.", _more(b"9" * 5000)),
    ("payload_with_a_lone_surrogate", "An unknown member is a lone surrogate.", _more(b'"\\ud800"')),
    ("payload_with_a_lone_surrogate_as_a_name", "The name of an unknown member is a lone surrogate.",
     swapped(b"{", b'{"\\udfff":1,')),
    ("payload_65_levels_deep", "An unknown member is nested 65 levels deep.", swapped(b"{", _nested(65))),
    ("payload_100000_levels_deep", "An unknown member is nested 100,000 levels deep.",
     swapped(b"{", _nested(100_000))),
    ("payload_that_is_not_utf_8", "An unknown member holds the byte FF.", _more(b'"\xff"')),
    ("payload_with_an_overlong_character", "An unknown member holds C0 80.", _more(b'"\xc0\x80"')),
    ("payload_with_a_raw_control_character", "A string holds a raw LF.", _more(b'"\n"')),
    ("payload_followed_by_a_byte", "A manifest is followed by a NUL.", lambda text: text + b"\x00"),
    ("payload_followed_by_a_document", "A manifest is followed by a second document.",
     lambda text: text + b"{}"),
    ("payload_that_is_an_array", "A manifest lies in an array.", lambda text: b"[" + text + b"]"),
    ("payload_that_is_empty", "A payload has no bytes.", lambda text: b""),
    ("payload_that_ends_early", "A payload lacks its last byte.", lambda text: text[:-1]),
]  # fmt: skip

ENVELOPES: list[tuple[str, str, Edit[bytes]]] = [
    ("envelope_names_a_member_twice", "An envelope names `payload` twice.",
     swapped(b'{"payload":', b'{"payload":"","payload":')),
    ("envelope_with_a_byte_order_mark", "An envelope begins with a byte order mark.",
     lambda text: b"\xef\xbb\xbf" + text),
    ("envelope_followed_by_a_document", "An envelope is followed by a second one.", lambda text: text + text),
    ("envelope_with_a_member_more", "An envelope has a fourth member.", swapped(b"{", b'{"later":1,')),
    ("envelope_with_a_line_break", "A payload's base64 holds an escaped line break.",
     swapped(b'"payload":"', b'"payload":"\\n')),
    ("envelope_that_is_empty", "An entry has no bytes.", lambda text: b""),
]  # fmt: skip


for _name, _title, _edit in PAYLOADS:
    VECTORS.fails("F-JSON-1", "C05", "MalformedError")(called(_name, _title, _in_payload(_edit)))
for _name, _title, _edit in ENVELOPES:
    VECTORS.fails("F-JSON-1", "C05", "MalformedError")(called(_name, _title, _in_envelope(_edit)))


@VECTORS.fails("F-JSON-1", "C05", "MalformedError")
def envelope_with_unused_bits_set(story: Story) -> None:
    """The unused bits of a payload's base64 are not zero."""

    def edited(envelope: Json) -> Json:
        text = str(envelope["payload"])
        assert text.endswith("==")
        return {**envelope, "payload": text[:-3] + chr(ord(text[-3]) + 1) + "=="}

    story.snapshots[0].statement.payload_bytes = _padded_to(1)
    story.snapshots[0].statement.envelope = edited


@VECTORS.fails("F-JSON-1", "C05", "MalformedError")
def envelope_without_padding(story: Story) -> None:
    """A payload's base64 has no padding."""
    story.snapshots[0].statement.payload_bytes = _padded_to(1)
    story.snapshots[0].statement.envelope = lambda envelope: {
        **envelope, "payload": str(envelope["payload"]).rstrip("=")}  # fmt: skip


def _padded_to(rest: int) -> Edit[bytes]:
    """Adds spaces until the length leaves `rest` when divided by 3."""
    return lambda text: text + b" " * ((rest - len(text)) % 3)


@VECTORS.fails("F-JSON-1", "C05", "MalformedError")
def envelope_in_url_safe_base64(story: Story) -> None:
    """A payload is in the URL-safe alphabet."""
    story.snapshots[0].statement.payload_bytes = _more(b'">>>>>>"')
    story.snapshots[0].statement.envelope = lambda envelope: {
        **envelope, "payload": str(envelope["payload"]).replace("+", "-")}  # fmt: skip


@VECTORS.fails("F-JSON-1", "C01", "MalformedError")
def root_names_a_member_twice(story: Story) -> None:
    """A trust root names `number` twice."""
    story.roots[0].statement.payload_bytes = swapped(b'"number":1', b'"number":1,"number":1')


@VECTORS.fails("F-JSON-1", "C12", "MalformedError")
def carried_roots_name_a_member_twice(story: Story) -> None:
    """The copy of the roots names `version` twice."""
    story.snapshots[0].carried_file = swapped(b'"version":1', b'"version":1,"version":1')


@VECTORS.passes("F-JSON-1")
def payload_64_levels_deep(story: Story) -> None:
    """An unknown member is nested 64 levels deep, which is allowed."""
    story.snapshots[0].statement.payload_bytes = swapped(b"{", _nested(64))


@VECTORS.passes("F-JSON-1")
def payload_with_spaces_and_other_order(story: Story) -> None:
    """White space and the order of members mean nothing; nobody writes the bytes again in order to check."""
    story.snapshots[0].statement.payload_bytes = lambda text: b' \t{"zeta":null,\r\n' + text[1:] + b"\n"


@VECTORS.passes("F-JSON-1")
def payload_with_an_escaped_pair_of_surrogates(story: Story) -> None:
    """A pair of surrogates is one character."""
    story.snapshots[0].statement.payload_bytes = _more(b'"\\ud83d\\ude00"')


@VECTORS.passes("F-JSON-2", start=sound_story)
def unknown_members_everywhere(story: Story) -> None:
    """Members of a later version are kept and ignored, at every depth of every kind of document that is signed."""
    later = {"of": ["a later version", 1, None]}
    for step in story.roots:
        step.statement.payload = lambda root: member("roles.sealer.later", later)(member("later", later)(root))
    for snapshot in story.snapshots:
        snapshot.statement.payload = lambda payload: member("bundles.0.later", later)(member("later", later)(payload))
