from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from recommendation_service.engines.moment_facets import known_age_days, moment_facets
from recommendation_service.engines.types import FundingRound, StartupRecord

MOMENT = datetime(2012, 1, 1, tzinfo=UTC)
SEED = FundingRound(announced_on=date(2010, 1, 1), kind="Seed", amount_usd=200_000.0)
SERIES_A = FundingRound(announced_on=date(2011, 3, 1), kind="series-a", amount_usd=3_000_000.0)
STARTUP = StartupRecord(
    id="s",
    opened_at=datetime(2010, 1, 1, tzinfo=UTC),
    founded_on=date(2009, 6, 1),
    rounds=(SEED, SERIES_A),
)


def test_by_hand() -> None:
    """Two rounds, the last 306 days ago (the second bucket), 3.2 million (the fourth), 944 days old (the sixth)."""
    assert dict(moment_facets(STARTUP, MOMENT)) == {
        "rounds": "2",
        "last_round": "series-a",
        "since_round": "1",
        "raised": "3",
        "age": "5",
    }


def test_what_lies_ahead_is_not_known() -> None:
    earlier = datetime(2010, 6, 1, tzinfo=UTC)
    only_seed = replace(STARTUP, rounds=(SEED,))
    assert moment_facets(STARTUP, earlier) == moment_facets(only_seed, earlier)
    assert dict(moment_facets(STARTUP, earlier))["last_round"] == "seed"


def test_a_round_counts_from_the_day_after_it() -> None:
    announced = datetime(2011, 3, 1, tzinfo=UTC)
    assert dict(moment_facets(STARTUP, announced))["rounds"] == "1"
    assert dict(moment_facets(STARTUP, announced.replace(hour=1)))["rounds"] == "2"


def test_before_it_was_founded_it_has_no_age() -> None:
    before = datetime(2009, 1, 1, tzinfo=UTC)
    assert known_age_days(STARTUP, before) is None
    assert moment_facets(STARTUP, before) == [("rounds", "0")]


def test_without_a_day_of_founding_it_is_as_old_as_its_page() -> None:
    assert known_age_days(replace(STARTUP, founded_on=None), datetime(2010, 1, 11, tzinfo=UTC)) == 10.0
