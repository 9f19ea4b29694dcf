from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from recommendation_service.engines.errors import ConfigError, ModelFileError
from recommendation_service.engines.reranking.boosted_trees import BoostedTrees, BoostedTreesConfig
from recommendation_service.engines.reranking.ranking_rows import RankingRows

NAMES = ("signal", "noise")
CONFIG = BoostedTreesConfig(models=2, trees=30, min_rows_in_leaf=5, l2=0.0, feature_share=1.0)


@pytest.fixture(scope="module")
def rows() -> RankingRows:
    """The label is 1 above 0.5 of the signal, 0.4 between 0 and 0.5, else 0; the second feature means nothing."""
    features = np.random.default_rng(0).uniform(-1, 1, size=(400, 2)).astype(np.float32)
    label = np.select([features[:, 0] > 0.5, features[:, 0] > 0], [1.0, 0.4]).astype(np.float32)
    return RankingRows(features=features, label=label, group_sizes=np.full(40, 10))


def test_learns_grades_in_order(rows: RankingRows) -> None:
    trees = BoostedTrees.fit(rows, NAMES, CONFIG, seed=0)
    low, middle, high = trees.predict(np.array([[-0.5, 0.9], [0.25, 0.0], [0.8, -0.9]], dtype=np.float32))
    assert low < middle < high
    assert next(iter(trees.importance)) == "signal"
    assert sum(trees.importance.values()) == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_trees(rows: RankingRows) -> None:
    one, same, other = (BoostedTrees.fit(rows, NAMES, CONFIG, seed=seed) for seed in (1, 1, 2))
    assert one.to_text() == same.to_text()
    assert one.to_text() != other.to_text()


def test_is_the_mean_of_its_models(rows: RankingRows) -> None:
    both = BoostedTrees.fit(rows, NAMES, CONFIG, seed=0)
    each = [BoostedTrees([booster]).predict(rows.features) for booster in both._boosters]
    np.testing.assert_allclose(both.predict(rows.features), np.mean(each, axis=0), rtol=1e-5, atol=1e-6)


def test_survives_its_text(rows: RankingRows) -> None:
    trees = BoostedTrees.fit(rows, NAMES, CONFIG, seed=0)
    loaded = BoostedTrees.from_text(trees.to_text(), NAMES)
    np.testing.assert_array_equal(loaded.predict(rows.features), trees.predict(rows.features))
    with pytest.raises(ModelFileError, match="does not hold the trees"):
        BoostedTrees.from_text('["no trees"]', NAMES)


@pytest.mark.parametrize(
    ("names", "what"),
    [(("signal",), "noise"), ((*NAMES, "later"), "later"), (NAMES[::-1], "in another order")],
    ids=["one less", "one more", "in another order"],
)
def test_trees_over_other_features_are_refused(rows: RankingRows, names: Sequence[str], what: str) -> None:
    text = BoostedTrees.fit(rows, NAMES, CONFIG, seed=0).to_text()
    with pytest.raises(ModelFileError, match=f"{what}.*train the ensemble again"):
        BoostedTrees.from_text(text, names)


def test_nothing_to_predict_is_no_error(rows: RankingRows) -> None:
    assert BoostedTrees.fit(rows, NAMES, CONFIG, seed=0).predict(np.zeros((0, 2), dtype=np.float32)).shape == (0,)


@pytest.mark.parametrize(
    "values", [{"models": 0}, {"trees": 0}, {"leaves": 1}, {"learning_rate": 0.0}, {"l2": -1.0}, {"row_share": 0.0}]
)
def test_impossible_settings_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        BoostedTreesConfig(**values)
