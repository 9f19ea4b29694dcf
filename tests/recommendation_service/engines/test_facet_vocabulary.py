from __future__ import annotations

import numpy as np

from recommendation_service.engines.facet_vocabulary import FacetVocabulary

FINTECH, HEALTH, BERLIN = ("category", "fintech"), ("category", "health"), ("city", "berlin")


def test_common_facets_get_columns_by_kind() -> None:
    rows = [[FINTECH, BERLIN], [FINTECH], [HEALTH, BERLIN], [("city", "rome")]]
    vocabulary = FacetVocabulary.fit(rows, min_count=2, most=10)
    assert vocabulary.facets == (FINTECH, BERLIN)
    assert vocabulary.kinds == ("category", "city")
    assert vocabulary.kind_of.tolist() == [0, 1]


def test_of_too_many_the_most_frequent_stay() -> None:
    rows = [[FINTECH], [BERLIN], [BERLIN], [HEALTH]]
    assert FacetVocabulary.fit(rows, min_count=1, most=2).facets == (FINTECH, BERLIN)


def test_rows_by_hand() -> None:
    vocabulary = FacetVocabulary([FINTECH, HEALTH, BERLIN])
    named = [[HEALTH, ("category", "unknown"), BERLIN, FINTECH], []]
    rows = vocabulary.rows(named)
    np.testing.assert_array_equal(rows.toarray(), [[1, 1, 1], [0, 0, 0]])
    np.testing.assert_array_equal(vocabulary.counted(rows).toarray(), [[2, 2, 1], [0, 0, 0]])
    np.testing.assert_allclose(vocabulary.ranked_rows(named).toarray(), [[1 / 3, 1, 1], [0, 0, 0]])
