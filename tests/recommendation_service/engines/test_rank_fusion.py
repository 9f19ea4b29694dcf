from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.rank_fusion import RankFusionConfig, RankFusionRecommender, fuse

INF = np.inf


def test_places_by_hand() -> None:
    """Places of the three columns: (1, 2, -) and (2, 1, 3)."""
    one = np.array([[9.0, 1.0, np.nan]], dtype=np.float32)
    two = np.array([[0.2, 0.3, 0.1]], dtype=np.float32)
    found = fuse([one, two], RankFusionConfig(damping=60.0))
    np.testing.assert_allclose(found, [[1 / 61 + 1 / 62, 1 / 62 + 1 / 61, 1 / 63]], rtol=1e-6)


def test_only_the_first_places_count() -> None:
    scores = np.array([[3.0, 2.0, 1.0]], dtype=np.float32)
    np.testing.assert_allclose(
        fuse([scores], RankFusionConfig(damping=1.0, depth=2)), [[1 / 2, 1 / 3, -INF]], rtol=1e-6
    )


def test_only_the_order_counts() -> None:
    scores = np.random.default_rng(0).normal(size=(4, 30)).astype(np.float32)
    config = RankFusionConfig(depth=10)
    np.testing.assert_array_equal(fuse([scores, scores], config), fuse([scores * 7 + 3, np.exp(scores)], config))


def test_needs_an_engine() -> None:
    with pytest.raises(ConfigError, match="at least one engine"):
        RankFusionRecommender({})


@pytest.mark.parametrize("values", [{"damping": 0.0}, {"depth": 0}])
def test_impossible_settings_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        RankFusionConfig(**values)
