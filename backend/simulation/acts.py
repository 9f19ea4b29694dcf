"""The acts of a simulated platform, as parallel arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from contracts.interactions import InteractionType

KINDS: tuple[InteractionType, ...] = tuple(InteractionType)
"""Position of each kind is its code."""
NOTHING = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Acts:
    """A acts.

    Attributes:
        member: int64 [A].
        venture: int64 [A].
        kind: int64 [A], position in KINDS.
        time: int64 [A], microseconds since the first moment of behaviour.
        visit: int64 [A], the visit they belong to.
        place: int64 [A], where the venture stood on the page, 1 being the first.
        undoes: int64 [A], the row of the act that this one takes back, NOTHING for an act of its own.
    """

    member: npt.NDArray[np.int64]
    venture: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    time: npt.NDArray[np.int64]
    visit: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    undoes: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.member)

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Acts:
        """Some rows, as a new object; `undoes` still counts in the old one."""
        return Acts(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def in_order(self) -> Acts:
        """The same acts by time; `undoes` follows them."""
        order = np.argsort(self.time, kind="stable")
        place_of = np.empty(len(self), dtype=np.int64)
        place_of[order] = np.arange(len(self))
        ordered = self.take(order)
        undoes = ordered.undoes
        undoes[undoes != NOTHING] = place_of[undoes[undoes != NOTHING]]
        return ordered


def joined(parts: Sequence[Acts]) -> Acts:
    """All acts one after the other; only parts without undoings can be joined so."""
    return Acts(**{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Acts)})
