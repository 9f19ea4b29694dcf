"""Cutting what is long into lists."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

BATCH_SIZE = 5_000
Item = TypeVar("Item")


def batches(items: Iterable[Item], size: int = BATCH_SIZE) -> Iterable[list[Item]]:
    """Cut `items` into lists of at most `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
