"""F-BUN-3 to F-BUN-6: object table, block table, tombstones and footer."""

from __future__ import annotations

import dataclasses
import struct

from tests.vectors.layout import first_row
from tests.vectors.vector import Fault, VectorFile, called
from tests.verify.kit.crew import sound_story, user
from tests.verify.kit.edit import Edit, always, fields
from tests.verify.kit.keys import seed_of
from tests.verify.kit.story import Story
from tests.verify.kit.tables import BlockTable, Footer, Page

VECTORS = VectorFile()


def _page(place: int, edit: Edit[Page]) -> Edit[list[Page]]:
    return lambda pages: [edit(page) if at == place else page for at, page in enumerate(pages)]


def _first_hash(page: Page) -> Page:
    return dataclasses.replace(page, hashes=(bytes(32), *page.hashes[1:]))


@VECTORS.fails("F-BUN-3", "C23", "DigestError")
def row_of_another_hash(story: Story) -> None:
    """A row of the object table gives another record hash than its line has."""
    story.snapshots[0].bundle.pages = _page(1, _first_hash)


@VECTORS.fails("F-BUN-3", "C23", "DigestError", start=sound_story)
def row_of_another_hash_in_a_delta(story: Story) -> None:
    """A row of a delta's object table gives another record hash than its line has."""
    story.snapshots[1].bundle.pages = _page(0, _first_hash)


@VECTORS.fails("F-BUN-3", "C23", "DigestError")
def line_of_another_day(story: Story) -> None:
    """A line is replaced by another of the same object, inside the encryption; the table is as signed."""
    old, new = user(2).line + b"\n", user(2, title="Captain").line + b"\n"
    story.snapshots[0].bundle.texts = lambda texts: [text.replace(old, new) for text in texts]


@VECTORS.fails("F-BUN-3", "C22", "MalformedError")
def page_with_a_hash_less(story: Story) -> None:
    """A page states one row more than it has hashes."""
    story.snapshots[0].bundle.pages = _page(0, lambda page: dataclasses.replace(page, hashes=page.hashes[:-1]))


@VECTORS.fails("F-BUN-3", "C22", "MalformedError")
def page_with_a_key_less(story: Story) -> None:
    """A page states one row more than its text has keys."""

    def edited(pages: list[bytes]) -> list[bytes]:
        fewer = Page(tuple(f"users\x00{number}\x00\x00o\x00".encode() for number in (1, 2)), (bytes(32),) * 3).pack()
        return [*pages[:-1], struct.pack("<I", 3) + fewer[4:]]

    story.snapshots[0].bundle.page_bytes = edited


@VECTORS.fails("F-BUN-3", "C22", "MalformedError")
def page_with_a_false_text_length(story: Story) -> None:
    """A page gives its key text one byte more than it inflates to."""

    def edited(pages: list[bytes]) -> list[bytes]:
        rows, length, packed = struct.unpack("<III", pages[0][:12])
        return [struct.pack("<III", rows, length + 1, packed) + pages[0][12:], *pages[1:]]

    story.snapshots[0].bundle.page_bytes = edited


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def blocks_swapped_under_their_rows(story: Story) -> None:
    """Two rows of the block table have changed places: each gives the other's block."""
    story.snapshots[0].bundle.block_table = lambda table: dataclasses.replace(
        table, rows=(table.rows[1], table.rows[0], *table.rows[2:]))  # fmt: skip


@VECTORS.fails("F-BUN-3", "C23", "DigestError")
def blocks_swapped_under_their_pages(story: Story) -> None:
    """Two blocks of equal shape have changed places inside the encryption; tables and offsets fit them."""
    story.snapshots[0].bundle.blocks = lambda blocks: [[record] for block in blocks for record in block]
    story.snapshots[0].bundle.texts = _last_users_swapped


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def block_that_overlaps(story: Story) -> None:
    """A block's extent begins one byte early."""
    story.snapshots[0].bundle.block_table = _row(1, "offset", -1)


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def block_beyond_the_plaintext(story: Story) -> None:
    """A block's extent begins at 2^63."""
    story.snapshots[0].bundle.block_table = first_row(offset=1 << 63)


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def block_with_a_gap_behind_it(story: Story) -> None:
    """A block's row makes it one byte shorter than the next one's offset asks for."""
    story.snapshots[0].bundle.block_table = _row(0, "length", -1)


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def page_at_another_offset(story: Story) -> None:
    """A page's offset is one byte late."""
    story.snapshots[0].bundle.block_table = _row(1, "page_offset", 1)


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def page_of_another_length(story: Story) -> None:
    """A page's row makes it one byte longer than it is."""
    story.snapshots[0].bundle.block_table = _row(0, "page_length", 1)


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def block_of_another_number_of_rows(story: Story) -> None:
    """A block's row counts one line more than page and block have."""
    story.snapshots[0].bundle.block_table = _row(0, "rows", 1)


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def block_of_no_rows(story: Story) -> None:
    """A block's row counts no lines."""
    story.snapshots[0].bundle.block_table = first_row(rows=0)


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def first_key_of_another(story: Story) -> None:
    """The first key that the block table gives for a block is not that of its page."""
    story.snapshots[0].bundle.block_table = lambda table: dataclasses.replace(
        table, first_keys=(b"aardvarks\x001\x00\x00o\x00", *table.first_keys[1:]))  # fmt: skip


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def first_keys_in_another_order(story: Story) -> None:
    """Two first keys of the block table have changed places: whoever looks a key up by them would miss it."""
    story.snapshots[0].bundle.block_table = lambda table: dataclasses.replace(
        table, first_keys=(table.first_keys[1], table.first_keys[0], *table.first_keys[2:]))  # fmt: skip


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def first_key_missing(story: Story) -> None:
    """The block table has one first key less than blocks."""
    story.snapshots[0].bundle.block_table = lambda table: dataclasses.replace(table, first_keys=table.first_keys[:-1])


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def block_table_of_another_number(story: Story) -> None:
    """The block table states one block more than it has rows."""
    story.snapshots[0].bundle.block_table = lambda table: dataclasses.replace(table, blocks=table.blocks + 1)


@VECTORS.fails("F-BUN-4", "C22", "MalformedError")
def block_table_that_is_empty(story: Story) -> None:
    """The block table inflates to nothing."""
    story.snapshots[0].bundle.block_table_content = always(b"")


@VECTORS.fails("F-BUN-5", "C22", "MalformedError")
def full_with_a_tombstone(story: Story) -> None:
    """A full carries a tombstone."""
    story.snapshots[0].bundle.tombstones = always([b"users\x00gone\x00\x00o\x00"])


@VECTORS.fails("F-BUN-5", "C22", "MalformedError", start=sound_story)
def tombstones_in_another_order(story: Story) -> None:
    """The tombstones of a delta are not in order."""
    story.snapshots[3].live = [record for record in story.snapshots[3].live if not record.key.startswith(b"users\x00")]
    story.snapshots[3].bundle.tombstones = lambda keys: keys[::-1]


@VECTORS.fails("F-BUN-5", "C22", "MalformedError", start=sound_story)
def tombstone_that_stands_twice(story: Story) -> None:
    """A tombstone of a delta stands twice."""
    story.snapshots[3].bundle.tombstones = lambda keys: [key for key in keys for _ in range(2)]


def _footer(edit: Edit[Footer]) -> Fault:
    def fault(story: Story) -> None:
        story.snapshots[0].bundle.footer = edit

    return fault


def _more(name: str, by: int = 1) -> Edit[Footer]:
    return lambda footer: dataclasses.replace(footer, **{name: getattr(footer, name) + by})


FOOTERS: list[tuple[str, str, Edit[Footer]]] = [
    ("footer_of_another_label", "The footer's label is that of a later version.", fields(label=b"SRbundl2")),
    ("footer_of_another_kind", "A full's footer says that it is a delta.", fields(kind=2)),
    ("footer_of_an_unknown_kind", "The footer's kind is 3.", fields(kind=3)),
    ("footer_of_another_epoch", "The footer is that of another epoch.", _more("epoch")),
    ("footer_of_another_sequence", "The footer is that of another snapshot.", _more("sequence")),
    ("footer_of_other_rows", "The footer counts one row more.", _more("rows")),
    ("footer_of_other_tombstones", "The footer counts a tombstone that is not there.", _more("tombstones")),
    ("footer_of_other_blocks", "The footer counts one block more.", _more("blocks")),
    ("footer_of_another_object_table", "The footer's object table begins a byte late.",
     _more("object_table_at")),
    ("footer_of_another_block_table", "The footer's block table begins a byte early.",
     _more("block_table_at", -1)),
    ("footer_of_another_place_of_tombstones", "The footer's tombstones begin a byte late.",
     _more("tombstones_at")),
    ("footer_of_another_place", "The footer gives another place for itself.", _more("footer_at")),
    ("footer_with_an_offset_of_2_64", "The footer's block table lies at 2^64 - 1.",
     fields(block_table_at=2**64 - 1)),
    ("footer_with_a_reserved_byte", "A reserved byte behind the kind is not zero.",
     fields(reserved_9=b"\0\0\0\0\0\0\1")),
    ("footer_with_another_reserved_byte", "A reserved byte behind the blocks is not zero.",
     fields(reserved_100=b"\1\0\0\0")),
]  # fmt: skip

for _name, _title, _edit in FOOTERS:
    VECTORS.fails("F-BUN-6", "C22", "MalformedError")(called(_name, _title, _footer(_edit)))


@VECTORS.fails("F-BUN-6", "C22", "MalformedError", start=sound_story)
def footer_of_a_delta_with_other_tombstones(story: Story) -> None:
    """A delta's footer counts a tombstone more than there are."""
    story.snapshots[1].bundle.footer = _more("tombstones")


@VECTORS.fails("F-BUN-6", "C22", "WrongArchiveError")
def footer_of_another_archive(story: Story) -> None:
    """The footer names another archive."""
    story.snapshots[0].bundle.footer = fields(archive_id=bytes(16))


@VECTORS.fails("F-BUN-6", "C22", "DigestError")
def footer_of_another_digest_of_the_block_table(story: Story) -> None:
    """The footer gives another digest of the block table."""
    story.snapshots[0].bundle.footer = fields(block_table_sha256=bytes(32))


@VECTORS.fails("F-BUN-6", "C22", "DigestError")
def footer_of_another_digest_of_the_tombstones(story: Story) -> None:
    """The footer gives another digest of the tombstones."""
    story.snapshots[0].bundle.footer = fields(tombstones_sha256=bytes(32))


@VECTORS.fails("F-BUN-6", "C22", "MalformedError")
def footer_a_byte_longer(story: Story) -> None:
    """The footer's payload has 201 bytes."""
    story.snapshots[0].bundle.footer_payload = lambda payload: payload + b"\x00"


@VECTORS.fails("F-BUN-6", "C22", "MalformedError", start=sound_story)
def secret_of_another_epoch(story: Story) -> None:
    """A delta's footer holds another epoch secret than its full's."""
    story.snapshots[1].secret = always(seed_of("epoch 2"))


def _row(place: int, name: str, by: int) -> Edit[BlockTable]:
    def edited(table: BlockTable) -> BlockTable:
        changed = dataclasses.replace(table.rows[place], **{name: getattr(table.rows[place], name) + by})
        return dataclasses.replace(table, rows=(*table.rows[:place], changed, *table.rows[place + 1 :]))

    return edited


def _last_users_swapped(texts: list[bytes]) -> list[bytes]:
    places = [place for place, text in enumerate(texts) if b'"collection":"users"' in text and b"Matelot" in text]
    first, second = places[-2:]
    assert len(texts[first]) == len(texts[second])
    swapped = list(texts)
    swapped[first], swapped[second] = texts[second], texts[first]
    return swapped
