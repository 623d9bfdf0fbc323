"""Bech32 as BIP 173 has it and age uses it: no limit of length, one case, checksum over the lower case."""

from __future__ import annotations

from verify.errors import MalformedError

MAX_BECH32_CHARACTERS = 4096
"""A hybrid recipient has 1,959 characters; nothing that age defines is longer than 2,100."""

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUE_OF = {character: value for value, character in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_VALUES = 6
_VALUE_BITS, _BYTE_BITS = 5, 8


def encode(prefix: str, data: bytes) -> str:
    """Returns the lower-case Bech32 string of `data` under a human-readable `prefix`."""
    values = _regrouped(data, _BYTE_BITS, _VALUE_BITS)
    check = _checksum([*_expanded(prefix), *values, *([0] * _CHECKSUM_VALUES)]) ^ 1
    values += [(check >> _VALUE_BITS * (_CHECKSUM_VALUES - 1 - at)) & 31 for at in range(_CHECKSUM_VALUES)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in values)


def decode(text: str) -> tuple[str, bytes]:
    """Returns the prefix in lower case, and the data.

    Raises:
        MalformedError: mixed case, a character outside the alphabet, a wrong checksum, or padding that is
            not zero. The message never repeats the text, which may be a secret.
    """
    if len(text) > MAX_BECH32_CHARACTERS:
        raise MalformedError(f"a Bech32 string is longer than {MAX_BECH32_CHARACTERS} characters")
    lower = text.lower()
    if not text.isascii() or text not in (lower, text.upper()):
        raise MalformedError("a Bech32 string mixes upper and lower case")
    prefix, _, body = lower.rpartition("1")
    if not prefix or len(body) < _CHECKSUM_VALUES or not all(33 <= ord(one) <= 126 for one in prefix):
        raise MalformedError("a Bech32 string has no prefix or no checksum")
    if not _VALUE_OF.keys() >= set(body):
        raise MalformedError("a Bech32 string holds a character that Bech32 does not have")
    values = [_VALUE_OF[one] for one in body]
    if _checksum([*_expanded(prefix), *values]) != 1:
        raise MalformedError("the checksum of a Bech32 string is wrong; a character was mistyped or lost")
    return prefix, _bytes_of(values[:-_CHECKSUM_VALUES])


def _expanded(prefix: str) -> list[int]:
    return [ord(one) >> 5 for one in prefix] + [0] + [ord(one) & 31 for one in prefix]


def _checksum(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check


def _regrouped(data: bytes, from_bits: int, to_bits: int) -> list[int]:
    """Cuts the bits of `data` into groups of `to_bits`; the last group is filled up with zeros."""
    groups, held, bits = [], 0, 0
    for value in data:
        held, bits = (held << from_bits | value) & 0xFFFF, bits + from_bits
        while bits >= to_bits:
            bits -= to_bits
            groups.append(held >> bits & (1 << to_bits) - 1)
    if bits and to_bits < from_bits:
        groups.append(held << to_bits - bits & (1 << to_bits) - 1)
    return groups


def _bytes_of(values: list[int]) -> bytes:
    spare = len(values) * _VALUE_BITS % _BYTE_BITS
    if spare >= _VALUE_BITS or (spare and values[-1] & (1 << spare) - 1):
        raise MalformedError("the padding of a Bech32 string is not zero")
    return bytes(_regrouped(bytes(values), _VALUE_BITS, _BYTE_BITS))
