from __future__ import annotations

import gc
import weakref
from datetime import UTC, datetime

import numpy as np

from recommendation_service.engines.content_facets import startup_facets
from recommendation_service.engines.facet_table import FacetTable, facets_of
from recommendation_service.engines.types import Catalogue, StartupRecord

STARTUPS = [
    StartupRecord(id="a", opened_at=datetime(2025, 1, 1, tzinfo=UTC), category="AI", tags=("Robots", "b2b")),
    StartupRecord(id="b", opened_at=datetime(2025, 1, 1, tzinfo=UTC)),
    StartupRecord(id="c", opened_at=datetime(2025, 1, 1, tzinfo=UTC), category=" ai", phase="idea"),
]
AI, ROBOTS, IDEA = ("category", "ai"), ("tag", "robots"), ("phase", "idea")


def test_every_facet_of_every_startup_is_there() -> None:
    table = FacetTable.of(STARTUPS)
    found = [
        [table.facets[column] for column in table.columns[table.starts[row] : table.starts[row + 1]]]
        for row in range(len(STARTUPS))
    ]
    assert found == [startup_facets(startup) for startup in STARTUPS]
    assert table.counts() == {AI: 2, ROBOTS: 1, ("tag", "b2b"): 1, IDEA: 1}


def test_rows_have_the_columns_that_are_asked_for() -> None:
    rows = FacetTable.of(STARTUPS).rows({IDEA: 0, AI: 2, ("tag", "nobody's"): 1}, 3)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows.toarray(), [[0, 0, 1], [0, 0, 0], [1, 0, 1]])


def test_no_startups_are_a_table_too() -> None:
    assert FacetTable.of([]).rows({}, 1).shape == (0, 1)
    assert FacetTable.of([STARTUPS[1]]).rows({}, 2).toarray().tolist() == [[0, 0]]


def test_a_table_is_kept_as_long_as_its_catalogue() -> None:
    catalogue = Catalogue(startups=STARTUPS)
    assert facets_of(catalogue) is facets_of(catalogue)
    assert facets_of(Catalogue(startups=STARTUPS)) is not facets_of(catalogue)
    kept = weakref.ref(catalogue)
    del catalogue
    gc.collect()
    assert kept() is None
