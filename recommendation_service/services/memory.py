"""Memory that is free inside the process, given back to the machine."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Hand free pages back; after large objects were replaced, half is free.

    glibc keeps pages below one that is in use; elsewhere the allocator decides by itself.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
