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


@pytest.mark.parametrize(("segment", "first"), [("cold", 1), ("warm", 0), ("hot", 0)])
def test_a_route_is_the_ladder_from_the_due_rung_down(segment: str, first: int) -> None:
    assert RoutingPolicy().route(Segment(segment), two_tower=True) == LADDER[first:]


@pytest.mark.parametrize("segment", list(Segment))
def test_without_two_towers_the_route_begins_below(segment: Segment) -> None:
    assert RoutingPolicy().route(segment, two_tower=False) == (Rung.CONTENT_BASED, Rung.TRENDING, Rung.NEWEST)
