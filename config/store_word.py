"""The words that name a store: its name in the settings, and the schemes of its URL. Imports no model."""

from __future__ import annotations

STORE_NAME = r"[a-z0-9][a-z0-9_-]{0,62}"
"""What a store may be called."""
DIRECTORY_SCHEME = "dir:"
LATER_SCHEMES = ("s3:", "azblob:", "media:")
"""Stores that the contract names and this version does not have."""
