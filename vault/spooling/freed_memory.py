"""What malloc keeps of the memory that a process has freed."""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_KEPT_BLOCK_BYTES = 32 * 1024 * 1024  # the most that glibc takes
_KEPT_BYTES = 128 * 1024 * 1024


def keep_freed_memory() -> None:
    """Lets malloc keep what is freed (mallopt(3), glibc only). Pages and blocks of a megabyte come and go by the
    thousand, and fetching each anew from the kernel costs a tenth of a run's processor time. Now and then all that is
    free is given back (`give_memory_back`): between pages that stay, it would grow with the tenant.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _KEPT_BLOCK_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def give_memory_back() -> None:
    """Gives what was freed back to the system (malloc_trim(3), glibc only), wherever in the heap it lies."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
