"""How a bundle's files stand in a store, in a word."""

from __future__ import annotations

PRESENT, EXPIRED, MISSING, FULL_MISSING = "present", "expired", "missing or damaged", "full missing or damaged"
