"""What one person did, in arrays: a fifth of the memory of as many objects, and ready to be laid end to end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self, overload

import numpy as np
import numpy.typing as npt

from contracts.interactions import SAMPLED_NEGATIVE, InteractionType

INTERACTION_KINDS: tuple[str, ...] = (*(kind.value for kind in InteractionType), SAMPLED_NEGATIVE)
"""Code (position) of each interaction type in integer arrays."""

_CODE_OF_KIND = {kind: code for code, kind in enumerate(INTERACTION_KINDS)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryItem:
    """What one person's acts towards one startup amount to, before the moment of ranking."""

    startup_id: str
    kind: str
    label: float
    time: datetime


class History(Sequence[HistoryItem]):
    """What a person did, oldest first: a sequence of items that are made when they are asked for.

    Attributes:
        startup_ids: E ids, each once.
        kind: int8 [E], position in INTERACTION_KINDS.
        label: float64 [E].
        time: int64 [E], microseconds since 1970 UTC.
    """

    __slots__ = ("kind", "label", "startup_ids", "time")

    def __init__(
        self,
        startup_ids: Sequence[str],
        *,
        kind: npt.ArrayLike,
        label: npt.ArrayLike,
        time: npt.ArrayLike,
    ) -> None:
        self.startup_ids = tuple(startup_ids)
        self.kind: npt.NDArray[np.int8] = np.asarray(kind, dtype=np.int8)
        self.label: npt.NDArray[np.float64] = np.asarray(label, dtype=np.float64)
        self.time: npt.NDArray[np.int64] = np.asarray(time, dtype=np.int64)

    @classmethod
    def of(cls, items: Iterable[HistoryItem]) -> Self:
        """Items in their order; a history stays itself."""
        if isinstance(items, cls):
            return items
        done = tuple(items)
        return cls(
            [item.startup_id for item in done],
            kind=[_CODE_OF_KIND[item.kind] for item in done],
            label=[item.label for item in done],
            time=[(item.time - _EPOCH) // _MICROSECOND for item in done],
        )

    def __len__(self) -> int:
        return len(self.startup_ids)

    @overload
    def __getitem__(self, index: int) -> HistoryItem: ...

    @overload
    def __getitem__(self, index: slice) -> History: ...

    def __getitem__(self, index: int | slice) -> HistoryItem | History:
        ids, kind, label, time = self.startup_ids[index], self.kind[index], self.label[index], self.time[index]
        if isinstance(ids, tuple):
            return History(ids, kind=kind, label=label, time=time)
        return _item(ids, int(kind), float(label), int(time))

    def __iter__(self) -> Iterator[HistoryItem]:
        return map(_item, self.startup_ids, self.kind.tolist(), self.label.tolist(), self.time.tolist())

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, History):
            return self.startup_ids == other.startup_ids and all(
                np.array_equal(getattr(self, name), getattr(other, name)) for name in ("kind", "label", "time")
            )
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"History.of({tuple(self)!r})"


def _item(startup_id: str, kind: int, label: float, time: int) -> HistoryItem:
    return HistoryItem(
        startup_id=startup_id, kind=INTERACTION_KINDS[kind], label=label, time=_EPOCH + timedelta(microseconds=time)
    )


NOTHING_DONE = History.of(())
