from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from simulation.config import BehaviourConfig, FeedConfig, SimulationConfig, SimulationError

SIZE: dict[str, Any] = {"users": 100, "startups": 50, "days": 30, "seed": 1}


@pytest.mark.parametrize(("name", "value"), [("users", 9), ("startups", 19), ("days", 9), ("seed", -1)])
def test_too_small_a_platform_is_refused(name: str, value: int) -> None:
    with pytest.raises(SimulationError, match=rf"--{name} must be at least \d+, got {value}"):
        SimulationConfig(**{**SIZE, name: value})


@pytest.mark.parametrize(("users", "startups", "most"), [(99_999_999_999, 600, "1,666,666"), (20, 10**12, "0")])
def test_too_large_a_platform_is_refused_before_anything_is_made(users: int, startups: int, most: str) -> None:
    with pytest.raises(SimulationError, match=rf"--users {users} .* 1,000,000,000 pairs.* at most {most} users"):
        SimulationConfig(**{**SIZE, "users": users, "startups": startups})


@pytest.mark.parametrize("until", [date(1, 1, 5), date(1970, 1, 30)])
def test_days_before_the_calendar_are_refused(until: date) -> None:
    with pytest.raises(
        SimulationError, match=rf"--days 30 before --until {until} must not reach back beyond 1970-01-01"
    ):
        SimulationConfig(**SIZE, until=until)


def test_the_feed_is_shared_out_whole() -> None:
    with pytest.raises(SimulationError, match="must add up to 1"):
        FeedConfig(taste=0.9)


def test_time_ends_where_it_should() -> None:
    config = SimulationConfig(**SIZE, until=date(2025, 7, 1))
    assert config.start == datetime(2025, 6, 1, tzinfo=UTC)
    assert config.moment(30) == datetime(2025, 7, 1, tzinfo=UTC)
    assert config.moment(-0.5) == datetime(2025, 5, 31, 12, tzinfo=UTC)


def test_every_setting_makes_another_platform() -> None:
    plain = SimulationConfig(**SIZE)
    others = [
        SimulationConfig(**{**SIZE, "users": 101}),
        SimulationConfig(**SIZE, until=date(2025, 7, 1)),
        SimulationConfig(**SIZE, behaviour=BehaviourConfig(silent=0.06)),
    ]
    assert plain.prefix == SimulationConfig(**SIZE).prefix
    assert len({plain.prefix, *(other.prefix for other in others)}) == 4
