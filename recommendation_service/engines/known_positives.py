"""Which startups each user is known to like, so that none of them is taught as a negative."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor


class KnownPositives:
    """The positives of each user as a sparse table on one device.

    Attributes:
        starts: int64 [U + 1], where each user's startups begin in `startups`.
        startups: int64 [number of positives], by user.
    """

    def __init__(self, *, starts: Tensor, startups: Tensor, startup_count: int) -> None:
        self.starts = starts
        self.startups = startups
        self._column_of = torch.full((startup_count,), -1, dtype=torch.int64, device=startups.device)

    @classmethod
    def of(cls, user: Tensor, startup: Tensor, *, users: int, startups: int) -> Self:
        """Build the table from positive pairs (int64 [P] each)."""
        by_user = torch.argsort(user, stable=True)
        counts = torch.bincount(user, minlength=users)
        starts = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        return cls(starts=starts, startups=startup[by_user], startup_count=startups)

    def mask(self, users: Tensor, startups: Tensor) -> Tensor:
        """Bool [B, N]: whether each of these users (int64 [B]) likes each of these distinct startups (int64 [N])."""
        counts = self.starts[users + 1] - self.starts[users]
        row = torch.repeat_interleave(torch.arange(len(users), device=users.device), counts)
        within = torch.arange(len(row), device=row.device) - torch.repeat_interleave(counts.cumsum(0) - counts, counts)
        column = self._columns(startups, self.startups[self.starts[users][row] + within])
        present = column >= 0
        mask = torch.zeros((len(users), len(startups)), dtype=torch.bool, device=users.device)
        mask[row[present], column[present]] = True
        return mask

    def _columns(self, startups: Tensor, wanted: Tensor) -> Tensor:
        """Position of each wanted startup among `startups`, -1 where it is not."""
        self._column_of[startups] = torch.arange(len(startups), device=startups.device)
        column = self._column_of[wanted]
        self._column_of[startups] = -1
        return column
