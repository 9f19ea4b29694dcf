"""Rows of a contest from values written by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from contest import Entry, grid
from quality_rows import JudgedSegment, mean_over_seeds, segment_rows
from result import Row

from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_report import NEW_STARTUPS

PEOPLE = 400


@pytest.fixture
def rows() -> dict[str, Row]:
    rng = np.random.default_rng(0)
    weak, strong = rng.random(PEOPLE) * 0.5, rng.random(PEOPLE) * 0.6
    judged = {"weak": weak, "strong": strong, "ours": strong + 0.1, "truth": strong + 0.3}
    values = {name: {"ndcg@10": column, "recall@20": column / 2} for name, column in judged.items()}
    entries = [
        entry("weak", "peer"),
        entry("strong", "peer"),
        entry("ours", "product", seeds=3),
        entry("truth", "limit"),
        entry("absent", "peer"),
    ]
    segment = JudgedSegment(name=NEW_STARTUPS, values=values)
    return {row.name: row for row in segment_rows("data", segment, entries, EvaluationConfig(resamples=200))}


def entry(name: str, kind: str, seeds: int = 1) -> Entry:
    return Entry(name=name, engines=[SimpleNamespace()] * seeds, chosen={}, kind=kind)  # type: ignore[list-item,arg-type]


def test_everybody_who_was_judged_has_a_row_per_metric(rows: dict[str, Row]) -> None:
    plain = {name for name in rows if "_over_" not in name and "_minus_" not in name}
    assert plain == {
        f"data/new_startups/{name}/{metric}"
        for name in ("weak", "strong", "ours", "truth")
        for metric in ("ndcg@10", "recall@20")
    }


def test_the_product_is_compared_with_the_best_peer_person_by_person(rows: dict[str, Row]) -> None:
    difference = rows["data/new_startups/ours_minus_best_peer/ndcg@10"]
    assert difference.against == "strong"
    assert difference.value == pytest.approx(0.1, abs=1e-5)
    assert difference.interval == pytest.approx((0.1, 0.1), abs=1e-5), "everybody differs by the same"
    ours = rows["data/new_startups/ours/ndcg@10"]
    assert (ours.against, ours.unit) == ("strong", "mean of 400 people and 3 seeds")
    assert ours.ratio == pytest.approx(ours.value / rows["data/new_startups/strong/ndcg@10"].value, abs=1e-3)


def test_a_figure_lies_inside_its_interval_whose_width_follows_the_normal_law(rows: dict[str, Row]) -> None:
    row = rows["data/new_startups/weak/ndcg@10"]
    assert row.interval is not None
    low, high = row.interval
    assert low < row.value < high
    expected = 2 * 1.96 * (0.5 / np.sqrt(12)) / np.sqrt(PEOPLE)
    assert high - low == pytest.approx(expected, rel=0.25)


def test_shares_of_the_limit_are_ratios_of_means(rows: dict[str, Row]) -> None:
    ours, truth = (rows[f"data/new_startups/{name}/ndcg@10"].value for name in ("ours", "truth"))
    share = rows["data/new_startups/ours/ndcg@10_over_truth"]
    assert share.value == pytest.approx(ours / truth, abs=1e-3)
    assert "data/new_startups/truth/ndcg@10_over_truth" not in rows


def test_seeds_are_averaged_person_by_person() -> None:
    found = mean_over_seeds([np.array([[0.0, 1.0], [0.2, 0.0]]), np.array([[1.0, 1.0], [0.4, 0.0]])])
    np.testing.assert_allclose(found, [[0.5, 1.0], [0.3, 0.0]])


def test_a_grid_is_every_combination() -> None:
    assert grid(a=[1, 2], b=["x"]) == [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]
