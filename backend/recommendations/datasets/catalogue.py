"""When each startup could be found, and who owns it: what decides whether it may stand as a negative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recommendations.datasets.moments import NEVER

NOBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lifetimes:
    """N startups in order of opening, so that those that existed at a moment come first; a `place` is a position here.

    Attributes:
        row: int32 [N], row of the startups file.
        opened: int64 [N], microseconds since 1970, ascending.
        closed: int64 [N], NEVER while it is open.
        owner: int32 [N], row of the users file, NOBODY without one.
    """

    row: npt.NDArray[np.int32]
    opened: npt.NDArray[np.int64]
    closed: npt.NDArray[np.int64]
    owner: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.row)

    def place_of_row(self) -> npt.NDArray[np.int32]:
        """Place of each row of the startups file, int32 [N]."""
        places = np.empty(len(self), dtype=np.int32)
        places[self.row] = np.arange(len(self), dtype=np.int32)
        return places


@dataclass(slots=True)
class LifetimesReader:
    """Collects the lifetimes while the startups file is written."""

    users: Mapping[UUID, int]
    _opened: list[npt.NDArray[np.int64]] = field(default_factory=list)
    _closed: list[npt.NDArray[np.int64]] = field(default_factory=list)
    _owner: list[npt.NDArray[np.int32]] = field(default_factory=list)

    def read(self, batch: pa.RecordBatch) -> None:
        """Take in the next rows of the startups file."""
        self._opened.append(batch["opened_at"].cast(pa.int64()).to_numpy())
        self._closed.append(batch["closed_at"].cast(pa.int64()).fill_null(NEVER).to_numpy())
        owners = [self.users.get(UUID(owner), NOBODY) if owner else NOBODY for owner in batch["owner_id"].to_pylist()]
        self._owner.append(np.array(owners, dtype=np.int32))

    def lifetimes(self) -> Lifetimes:
        """The lifetimes of all startups read."""
        opened = np.concatenate(self._opened)
        order = np.argsort(opened, kind="stable")
        return Lifetimes(
            row=order.astype(np.int32),
            opened=opened[order],
            closed=np.concatenate(self._closed)[order],
            owner=np.concatenate(self._owner)[order],
        )
