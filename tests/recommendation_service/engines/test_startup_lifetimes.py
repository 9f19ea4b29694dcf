from __future__ import annotations

from datetime import UTC, datetime

import torch

from recommendation_service.engines.startup_lifetimes import StartupLifetimes
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import StartupRecord


def day(number: int) -> datetime:
    return datetime(2025, 1, number, tzinfo=UTC)


def moments(*days: int) -> torch.Tensor:
    return torch.tensor([to_microseconds(day(number)) for number in days])


STARTUPS = [
    StartupRecord(id="always", opened_at=day(1)),
    StartupRecord(id="later", opened_at=day(10)),
    StartupRecord(id="closed", opened_at=day(1), closed_at=day(15)),
]


def test_absent_before_it_opened_and_once_it_closed() -> None:
    lifetimes = StartupLifetimes.of(STARTUPS, torch.device("cpu"))
    when = moments(9, 10, 14, 15)
    found = lifetimes.absent(torch.tensor([0, 1, 2]), earliest=when, latest=when)
    assert found.tolist() == [
        [False, True, False],
        [False, False, False],
        [False, False, False],
        [False, False, True],
    ]


def test_present_only_if_there_at_every_act() -> None:
    lifetimes = StartupLifetimes.of(STARTUPS, torch.device("cpu"))
    found = lifetimes.absent(torch.tensor([2, 1, 0]), earliest=moments(5, 12), latest=moments(12, 20))
    assert found.tolist() == [[False, True, False], [True, False, False]]
