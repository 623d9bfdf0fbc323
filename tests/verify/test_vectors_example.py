"""The worked example of FORMAT.md is computed, not typed."""

from __future__ import annotations

from pathlib import Path

import zstandard

from tests.verify.kit.example import example_plaintext, example_records, example_section
from tests.verify.kit.keys import AgeIdentity


def test_section_1_of_the_specification_is_what_the_kit_computes(repository: Path) -> None:
    """Whoever writes a second reader starts from this example; a wrong digit there costs him a day."""
    specification = (repository / "verify" / "FORMAT.md").read_text(encoding="utf-8")
    begin, end = specification.index("## 1. "), specification.index("## 2. ")
    assert specification[begin:end].rstrip() == example_section().rstrip()


def test_the_example_inflates_to_its_two_lines() -> None:
    """The hand-made raw blocks of the example are zstd frames that any decompressor reads."""
    lines = b"".join(record.line + b"\n" for record in example_records())
    with zstandard.ZstdDecompressor().stream_reader(example_plaintext(), read_across_frames=True) as reader:
        assert reader.read() == lines


def test_identities_are_those_of_the_age_specification() -> None:
    """The kit's Bech32 and key derivation agree with the example of X25519 in C2SP age.md."""
    example = AgeIdentity(b"\x42" * 32, post_quantum=False)
    assert example.text == "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    assert example.recipient == "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
