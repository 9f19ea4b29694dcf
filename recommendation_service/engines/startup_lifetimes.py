"""When each startup was there, so that nobody is taught that they passed over what they could not see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import torch
from torch import Tensor

from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import StartupRecord

_FOREVER = torch.iinfo(torch.int64).max


class StartupLifetimes:
    """Opening and closing moments of S startups, int64 [S] in microseconds since 1970 UTC."""

    def __init__(self, *, opened: Tensor, closed: Tensor) -> None:
        self._opened = opened
        self._closed = closed

    @classmethod
    def of(cls, startups: Sequence[StartupRecord], device: torch.device) -> Self:
        """The lifetimes in the records."""
        opened = [to_microseconds(startup.opened_at) for startup in startups]
        closed = [_FOREVER if startup.closed_at is None else to_microseconds(startup.closed_at) for startup in startups]
        return cls(opened=torch.tensor(opened, device=device), closed=torch.tensor(closed, device=device))

    def absent(self, startups: Tensor, *, earliest: Tensor, latest: Tensor) -> Tensor:
        """bool [B, N]: startups (int64 [N]) not there all the time from `earliest` to `latest` (int64 [B])."""
        not_yet = self._opened[startups] > earliest[:, None]
        no_longer = self._closed[startups] <= latest[:, None]
        return not_yet | no_longer
