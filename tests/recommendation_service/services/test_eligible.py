from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from contracts.api import StartupFilters
from recommendation_service.engines.histories import Histories
from recommendation_service.engines.types import TrainingData, UserRecord, UserState
from recommendation_service.services.eligible import eligible_columns, eligible_rows
from recommendation_service.services.ports import CatalogueMark, OpenStartups
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot import build_snapshot

NOW = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("filters", [StartupFilters(), StartupFilters(type="marketplace"), StartupFilters(tag="none")])
def test_what_many_may_be_shown_is_what_each_may(platform: TrainingData, filters: StartupFilters) -> None:
    founded = replace(platform.startups[0], owner_id="founder")
    opened = OpenStartups(startups=[founded, *platform.startups[1:]], mark=CatalogueMark(read_at=NOW))
    snapshot = build_snapshot(opened, [], ServingOptions(), NOW)
    histories = Histories(platform)
    people = [histories.state(user, NOW) for user in range(6)]
    people.append(UserState(record=UserRecord(id="founder", role="")))
    together = eligible_rows(snapshot, people, filters)
    assert together.shape == (len(people), len(platform.startups))
    for row, person in zip(together, people, strict=True):
        np.testing.assert_array_equal(row, eligible_columns(snapshot, person, filters))
    assert len(eligible_rows(snapshot, [], filters)) == 0
