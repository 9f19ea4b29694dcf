from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendation_service.engines.facet_vocabulary import FacetVocabulary
from recommendation_service.engines.moment_facets import moment_facets
from recommendation_service.engines.moment_table import MomentTable
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import FundingRound, StartupRecord

DAYS = st.dates(date(1960, 1, 1), date(2026, 1, 1)) | st.sampled_from([date(2020, 1, 1), date(2020, 1, 31)])
MOMENTS = st.one_of(
    st.datetimes(datetime(1965, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    DAYS.map(lambda day: datetime(day.year, day.month, day.day, tzinfo=UTC)),
)
ROUNDS = st.lists(
    st.builds(
        FundingRound,
        announced_on=DAYS,
        kind=st.sampled_from(["", "Seed", "series-a", "never seen"]),
        amount_usd=st.none() | st.sampled_from([1e5, 2e6, 3e7]),
    ),
    max_size=7,
).map(lambda rounds: tuple(sorted(rounds, key=lambda funding: funding.announced_on)))
STARTUPS = st.lists(
    st.builds(StartupRecord, id=st.just("s"), opened_at=MOMENTS, founded_on=st.none() | DAYS, rounds=ROUNDS),
    min_size=1,
    max_size=4,
)
KNOWN = FacetVocabulary(
    sorted(
        [
            *(("last_round", kind) for kind in ("seed", "series-a")),
            *(("rounds", str(count)) for count in range(6)),
            *(("since_round", str(bucket)) for bucket in range(6)),
            *(("raised", str(bucket)) for bucket in range(1, 7)),
            *(("age", str(bucket)) for bucket in range(9)),
        ]
    )
)


@settings(max_examples=200)
@given(startups=STARTUPS, more=STARTUPS, moments=st.lists(MOMENTS, max_size=5))
def test_it_says_of_many_what_is_said_of_each(
    startups: list[StartupRecord], more: list[StartupRecord], moments: list[datetime]
) -> None:
    """Also at the very edges: as a day begins, and a microsecond before."""
    table = MomentTable.of(startups, KNOWN).extended(MomentTable.of(more, KNOWN))
    records = [*startups, *more]
    asked = [
        (row, moment - timedelta(microseconds=early))
        for row in range(len(records))
        for moment in moments
        for early in (0, 1)
    ]
    rows = np.array([row for row, _ in asked], dtype=np.int64)
    times = np.array([to_microseconds(moment) for _, moment in asked], dtype=np.int64)
    place, column = table.entries(rows, times)
    found = [{KNOWN.facets[c] for c in column[place == number].tolist()} for number in range(len(asked))]
    assert len(set(zip(place.tolist(), column.tolist(), strict=True))) == len(place)
    assert found == [set(moment_facets(records[row], moment)) & set(KNOWN.facets) for row, moment in asked]
