from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from recommendation_service.engines.catalogue_policy import FUNDED, LISTED, choose_policy
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.timeline import TimeWindow, to_microseconds
from recommendation_service.engines.types import FundingRound, Interactions, StartupRecord, TrainingData

JUNE = TimeWindow(start=datetime(2025, 6, 1, tzinfo=UTC), end=datetime(2025, 7, 1, tzinfo=UTC))
FROM_JUNE = TimeWindow(start=JUNE.start)


def startup(opened: str, closed: str | None = None, rounds: tuple[str, ...] = ()) -> StartupRecord:
    return StartupRecord(
        id=f"{opened}/{closed}/{rounds}",
        opened_at=datetime.fromisoformat(opened).replace(tzinfo=UTC),
        closed_at=datetime.fromisoformat(closed).replace(tzinfo=UTC) if closed else None,
        rounds=tuple(FundingRound(announced_on=date.fromisoformat(day)) for day in rounds),
    )


@pytest.fixture
def data_of(platform: TrainingData, make_interactions: Callable[..., Interactions]) -> Callable[..., TrainingData]:
    def build(startups: list[StartupRecord], acts: list[tuple[int, str, str]] | None = None) -> TrainingData:
        rows = [
            (0, row, kind, to_microseconds(datetime.fromisoformat(day).replace(tzinfo=UTC)))
            for row, kind, day in acts or []
        ]
        return replace(platform, startups=startups, interactions=make_interactions(rows))

    return build


@pytest.mark.parametrize(
    ("opened", "closed", "expected"),
    [
        ("2025-05-01", None, True),
        ("2025-06-30T23:59:59", None, True),
        ("2025-07-01", None, False),
        ("2025-05-01", "2025-05-31", False),
        ("2025-05-01", "2025-06-01", False),
        ("2025-05-01", "2025-06-02", True),
    ],
)
def test_listed_is_open_at_some_moment_of_the_window(
    data_of: Callable[..., TrainingData], opened: str, closed: str | None, expected: bool
) -> None:
    assert LISTED.open_startups(data_of([startup(opened, closed)]), JUNE).tolist() == [expected]


def test_listed_without_end_has_all_that_opened_later(data_of: Callable[..., TrainingData]) -> None:
    assert LISTED.open_startups(data_of([startup("2029-01-01")]), FROM_JUNE).tolist() == [True]


@pytest.mark.parametrize(
    ("rounds", "expected"),
    [
        ((), False),
        (("2025-05-31",), False),
        (("2025-06-01",), True),
        (("2025-07-01",), False),
        (("2024-01-01", "2025-06-30"), True),
    ],
)
def test_funded_has_a_round_in_the_window(
    data_of: Callable[..., TrainingData], rounds: tuple[str, ...], expected: bool
) -> None:
    assert FUNDED.open_startups(data_of([startup("2020-01-01", None, rounds)]), JUNE).tolist() == [expected]


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [
        ("interest", "2025-06-15", True),
        ("dislike", "2025-06-15", True),
        ("sampled_negative", "2025-06-15", False),
        ("interest", "2025-05-15", False),
        ("interest", "2025-07-01", False),
    ],
)
def test_funded_or_acted_on_in_the_window(
    data_of: Callable[..., TrainingData], kind: str, day: str, expected: bool
) -> None:
    data = data_of([startup("2020-01-01")], [(0, kind, day)])
    assert FUNDED.open_startups(data, JUNE).tolist() == [expected]


def test_chosen_by_whether_most_startups_carry_rounds(data_of: Callable[..., TrainingData]) -> None:
    plain, funded = startup("2020-01-01"), startup("2020-01-01", None, ("2021-01-01",))
    assert choose_policy(data_of([plain, plain, funded])) is LISTED
    assert choose_policy(data_of([plain, funded, funded])) is FUNDED
    assert choose_policy(data_of([])) is LISTED


def test_a_name_overrules(data_of: Callable[..., TrainingData]) -> None:
    assert choose_policy(data_of([startup("2020-01-01")]), "funded") is FUNDED
    with pytest.raises(ConfigError, match="unknown catalogue policy 'all'; choose one of funded, listed"):
        choose_policy(data_of([]), "all")
