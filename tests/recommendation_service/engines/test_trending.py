from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.trending import TrendingConfig, TrendingRecommender
from recommendation_service.engines.types import (
    Catalogue,
    Interactions,
    Location,
    StartupRecord,
    TrainingData,
    UserRecord,
    UserState,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
BERLIN, PARIS = Location(country="DEU", region="Berlin"), Location(country="FRA", region="Paris")
STARTUPS = [
    StartupRecord(id="fintech-berlin", opened_at=EPOCH, category="fintech", location=BERLIN),
    StartupRecord(id="fintech-paris", opened_at=EPOCH, category="FinTech", location=PARIS),
    StartupRecord(id="health-paris", opened_at=EPOCH, category="health", location=PARIS),
    StartupRecord(id="unknown", opened_at=EPOCH),
]
NOBODY = UserState(record=UserRecord(id="u", role="investor"))


@pytest.fixture
def data(make_interactions: Callable[..., Interactions]) -> TrainingData:
    """Startup 0: an apply on day 0 and a view on day 100; startup 2: an apply on day 100 and a dislike."""
    rows = [(0, 0, "apply", 0), (1, 0, "view", 100 * DAY), (0, 2, "apply", 100 * DAY), (1, 2, "dislike", 100 * DAY)]
    users = [UserRecord(id=str(row), role="") for row in range(2)]
    return TrainingData(users=users, startups=STARTUPS, interactions=make_interactions(rows))


def scores(data: TrainingData, as_of_day: float | None = None, **config: float) -> list[float]:
    as_of = None if as_of_day is None else EPOCH + timedelta(days=as_of_day)
    engine = TrendingRecommender(TrendingConfig(half_life_days=100.0, **config)).fit(data)
    return [float(score) for score in engine.bind(Catalogue(startups=STARTUPS, as_of=as_of)).score([NOBODY])[0]]


@pytest.mark.parametrize(
    ("as_of_day", "expected"),
    [
        (None, [0.5 + 0.4, 0.0, 1.0, 0.0]),
        (200, [0.25 + 0.2, 0.0, 0.5, 0.0]),
        (100, [0.5, 0.0, 0.0, 0.0]),
        (0, [0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_likes_strictly_before_the_moment_fade(
    data: TrainingData, as_of_day: float | None, expected: list[float]
) -> None:
    assert scores(data, as_of_day, category=0.0, region=0.0) == pytest.approx(expected)


def test_a_startup_shares_the_trend_of_its_category_and_region(data: TrainingData) -> None:
    """Category fintech: mean (.9 + 0) / 2; region Paris: mean (0 + 1) / 2; nobody knows anything of the last."""
    assert scores(data, category=1.0, region=0.0) == pytest.approx([0.9 + 0.45, 0.45, 1.0 + 1.0, 0.0])
    assert scores(data, category=0.0, region=2.0) == pytest.approx([0.9 + 1.8, 1.0, 1.0 + 1.0, 0.0])


def test_a_new_startup_in_a_wanted_category_is_found(data: TrainingData) -> None:
    new = replace(STARTUPS[0], id="new")
    scorer = TrendingRecommender().fit(data).bind(Catalogue(startups=[*STARTUPS, new]))
    assert scorer.score([NOBODY])[0, 4] > 0


@pytest.mark.parametrize("values", [{"half_life_days": 0.0}, {"category": -1.0}, {"region": float("nan")}])
def test_impossible_settings_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        TrendingConfig(**values)
