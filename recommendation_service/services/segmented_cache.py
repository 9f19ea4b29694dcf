"""A bounded memory in which what was asked for again outlives what was asked for once.

Source: Karedla, Love and Wherry, Caching Strategies to Improve Disk System Performance (1994), "segmented LRU".
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class SegmentedCache(Generic[Key, Value]):
    """Two halves, in each of which whatever was not asked for longest goes first; not safe to share between threads.

    However many questions come once, they push out only each other: those who come back stay known.
    """

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self._once: OrderedDict[Key, Value] = OrderedDict()
        self._again: OrderedDict[Key, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._once) + len(self._again)

    def get(self, key: Key) -> Value | None:
        """What is known of a key, which from now on is one that was asked for again."""
        known = self._again.get(key)
        if known is not None:
            self._again.move_to_end(key)
        elif (known := self._once.pop(key, None)) is not None:
            self._again[key] = known
            if len(self._again) > self._half:
                self._put_once(*self._again.popitem(last=False))
        return known

    def put(self, key: Key, value: Value) -> None:
        """Know this of a key, in place of what was known."""
        if key in self._again:
            self._again[key] = value
        else:
            self._put_once(key, value)

    def clear(self) -> None:
        """Know nothing."""
        self._once.clear()
        self._again.clear()

    def _put_once(self, key: Key, value: Value) -> None:
        self._once[key] = value
        self._once.move_to_end(key)
        if len(self._once) > self._half:
            self._once.popitem(last=False)
