"""Memory that is free inside the process, given back to the machine; allocators but glibc's decide by themselves."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

LARGE = 4 * 2**20
"""Bytes of an object from which it has pages of its own; the scores of a million startups do not."""
_M_MMAP_THRESHOLD = -3


def give_back() -> None:
    """Hand free pages back; after large objects were replaced, half is free."""
    _call("malloc_trim", 0)


def set_large_objects_apart() -> None:
    """Give large objects pages of their own, which go back with them.

    By itself glibc raises what it calls large with every large object that is freed, up to 32 MiB, and what it does not
    call so leaves holes.
    """
    _call("mallopt", _M_MMAP_THRESHOLD, LARGE)


def _call(name: str, *arguments: int) -> None:
    function: Any = getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
    if function is not None:
        function(*arguments)
