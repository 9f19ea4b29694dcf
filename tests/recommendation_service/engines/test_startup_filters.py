from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.api import StartupFilters
from recommendation_service.engines.startup_filters import StartupFilterIndex
from recommendation_service.engines.types import Catalogue, Position, StartupRecord

EARLY, LATE = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)
FIRST = StartupRecord(id="first", opened_at=EARLY, category="AI", tags=("b2b", "Robots"))
SECOND = replace(FIRST, id="second", category="health", positions=(Position(title="Pilot"),))
ADDED = [
    replace(FIRST, opened_at=LATE, tags=("b2b",), positions=(Position(title="Pilot", is_active=False),)),
    replace(SECOND, id="new", opened_at=LATE, category=" ai ", tags=("drones",)),
]
ASKED = [
    StartupFilters(category="ai"),
    StartupFilters(tag="robots"),
    StartupFilters(tag="drones"),
    StartupFilters(tag="nobody's"),
    StartupFilters(has_open_positions=True),
    StartupFilters(has_open_positions=False, tag="b2b"),
    StartupFilters(created_after=EARLY),
]


def columns(index: StartupFilterIndex, catalogue: Catalogue, filters: StartupFilters) -> list[int]:
    allowed = catalogue.mask()
    index.narrow(allowed, filters)
    return allowed.nonzero()[0].tolist()


@pytest.mark.parametrize("asked_before", [True, False], ids=["laid out", "not laid out"])
def test_an_index_that_grew_is_that_of_the_grown_catalogue(asked_before: bool) -> None:
    catalogue = Catalogue(startups=[FIRST, SECOND])
    index = StartupFilterIndex(catalogue)
    if asked_before:
        assert [columns(index, catalogue, filters) for filters in ASKED] == [[0], [0, 1], [], [], [1], [0], []]
    grown = catalogue.changed(ADDED, (), LATE)
    found = [columns(StartupFilterIndex(grown, index), grown, filters) for filters in ASKED]
    assert found == [[2, 3], [1], [3], [], [1, 3], [2], [2, 3]]


def test_an_index_goes_on_knowing_what_it_knew() -> None:
    catalogue = Catalogue(startups=[FIRST, SECOND])
    index = StartupFilterIndex(catalogue)
    columns(index, catalogue, ASKED[0])
    StartupFilterIndex(catalogue.changed(ADDED, (), LATE), index)
    assert columns(index, catalogue, ASKED[0]) == [0]
