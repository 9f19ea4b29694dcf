from __future__ import annotations

import pytest

from contracts.api import Rung, Segment
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.router import LADDER, RoutingPolicy


@pytest.mark.parametrize(
    ("interactions", "segment"),
    [(0, "cold"), (4, "cold"), (5, "warm"), (6, "warm"), (20, "warm"), (21, "hot"), (10_000, "hot")],
)
def test_segments_at_the_specified_boundaries(interactions: int, segment: str) -> None:
    assert RoutingPolicy().segment(interactions) == segment


def test_boundaries_can_be_set() -> None:
    policy = RoutingPolicy(warm_from=1, hot_above=1)
    assert [policy.segment(count).value for count in (0, 1, 2)] == ["cold", "warm", "hot"]


@pytest.mark.parametrize(("warm_from", "hot_above"), [(0, 20), (-1, 20), (6, 5)])
def test_boundaries_that_leave_no_order_are_refused(warm_from: int, hot_above: int) -> None:
    with pytest.raises(ConfigError, match=f"warm_from={warm_from}, hot_above={hot_above}"):
        RoutingPolicy(warm_from=warm_from, hot_above=hot_above)


@pytest.mark.parametrize(("segment", "first"), [("cold", 2), ("warm", 1), ("hot", 1)])
def test_a_route_is_the_ladder_from_the_due_rung_down(segment: str, first: int) -> None:
    assert RoutingPolicy().route(Segment(segment), two_tower=True) == LADDER[first:]


@pytest.mark.parametrize("segment", list(Segment))
def test_without_two_towers_the_route_begins_below(segment: Segment) -> None:
    assert RoutingPolicy().route(segment, two_tower=False) == (Rung.CONTENT_BASED, Rung.TRENDING, Rung.NEWEST)


def test_a_table_from_an_evaluation_decides_what_is_due() -> None:
    policy = RoutingPolicy(first_rung={Segment.HOT: Rung.ENSEMBLE, Segment.WARM: Rung.TRENDING})
    assert policy.route(Segment.HOT, two_tower=True) == LADDER
    assert policy.route(Segment.WARM, two_tower=True) == (Rung.TRENDING, Rung.NEWEST)
    assert policy.route(Segment.COLD, two_tower=True) == RoutingPolicy().route(Segment.COLD, two_tower=True)


def test_the_default_never_asks_for_an_ensemble() -> None:
    assert all(Rung.ENSEMBLE not in RoutingPolicy().route(segment, two_tower=True) for segment in Segment)


def test_without_learned_models_the_ensemble_is_not_asked_either() -> None:
    policy = RoutingPolicy(first_rung=dict.fromkeys(Segment, Rung.ENSEMBLE))
    assert policy.route(Segment.HOT, two_tower=False) == (Rung.CONTENT_BASED, Rung.TRENDING, Rung.NEWEST)


@pytest.mark.parametrize(
    ("first_rung", "message"),
    [
        ({"hot": "deep_fm"}, "unknown engine 'deep_fm' in a routing table; the service has ensemble, two_tower"),
        ({"boiling": "two_tower"}, "unknown segment 'boiling' in a routing table; known: cold, warm, hot"),
    ],
)
def test_a_table_that_names_what_does_not_exist_is_refused(first_rung: dict[Segment, Rung], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        RoutingPolicy(first_rung=first_rung)
