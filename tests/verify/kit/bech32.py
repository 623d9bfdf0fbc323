"""Bech32 (BIP 173) without its length limit, as the age specification uses it."""

from __future__ import annotations

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def bech32_of(prefix: str, content: bytes) -> str:
    """Returns the lower-case string that encodes `content` under the human-readable `prefix`."""
    values = _five_bit_groups_of(content)
    lead = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    checksum = _polymod(lead + values + [0] * 6) ^ 1
    values += [(checksum >> 5 * (5 - place)) & 31 for place in range(6)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in values)


def _polymod(values: list[int]) -> int:
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATOR):
            state ^= generator if (top >> place) & 1 else 0
    return state


def _five_bit_groups_of(content: bytes) -> list[int]:
    bits = "".join(f"{byte:08b}" for byte in content)
    bits += "0" * (-len(bits) % 5)
    return [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
