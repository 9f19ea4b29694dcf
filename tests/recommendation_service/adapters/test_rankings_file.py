"""The rankings file alone, with the dataset, must give the figures of the report again."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from recommendation_service.adapters.rankings_file import write_rankings
from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.evaluation import Evaluation, evaluate
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.popularity import PopularityRecommender
from recommendation_service.engines.timeline import TimeWindow, data_before
from recommendation_service.engines.types import TrainingData

CUT = datetime(2025, 4, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def evaluation(platform: TrainingData) -> Evaluation:
    known = data_before(platform, CUT)
    engines = {
        "content_based": ContentBasedRecommender().fit(known),
        "popularity": PopularityRecommender().fit(known),
    }
    config = EvaluationConfig(ks=(5, 10), resamples=10)
    return evaluate(engines, platform, TimeWindow(start=CUT), primary="content_based", config=config)


def recompute(rankings: pl.DataFrame, pairs: pl.DataFrame, k: int) -> dict[str, dict[str, float]]:
    """NDCG, recall and MRR of each engine from files alone, person by person."""
    acts = pairs.filter(pl.col("interaction_type") != "sampled_negative")
    with_history = set(acts.filter(pl.col("event_time") < CUT)["user_id"])
    liked = acts.filter((pl.col("event_time") >= CUT) & (pl.col("label") > 0))
    relevant = {user[0]: set(part["startup_id"]) for user, part in liked.group_by("user_id") if user[0] in with_history}
    found: dict[str, dict[str, float]] = {}
    for engine, lists in rankings.group_by("engine"):
        values = [figures(lists.filter(pl.col("user_id") == user), wanted, k) for user, wanted in relevant.items()]
        found[str(engine[0])] = {name: sum(value[name] for value in values) / len(values) for name in values[0]}
    return found


def figures(ranked: pl.DataFrame, wanted: set[str], k: int) -> dict[str, float]:
    hits = [row["rank"] for row in ranked.iter_rows(named=True) if row["rank"] <= k and row["startup_id"] in wanted]
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(wanted)) + 1))
    return {
        f"ndcg@{k}": sum(1 / math.log2(rank + 1) for rank in hits) / ideal,
        f"recall@{k}": len(hits) / len(wanted),
        f"mrr@{k}": 1 / min(hits) if hits else 0.0,
    }


@pytest.mark.parametrize("k", [5, 10])
def test_the_figures_can_be_recomputed(
    platform: TrainingData,
    evaluation: Evaluation,
    write_dataset: Callable[[TrainingData, Path], Path],
    tmp_path: Path,
    k: int,
) -> None:
    write_rankings(evaluation, tmp_path / "rankings.parquet")
    pairs = pl.read_parquet(write_dataset(platform, tmp_path / "X.parquet"))
    found = recompute(pl.read_parquet(tmp_path / "rankings.parquet"), pairs, k)
    assert set(found) == {"content_based", "popularity"}
    for engine, values in found.items():
        means = evaluation.report.means(engine)
        assert values == pytest.approx({name: means[name] for name in values}, abs=1e-12)


def test_rows_name_people_and_startups_by_both_ids(
    platform: TrainingData, evaluation: Evaluation, tmp_path: Path
) -> None:
    rows = write_rankings(evaluation, tmp_path / "rankings.parquet")
    table = pl.read_parquet(tmp_path / "rankings.parquet")
    assert len(table) == rows
    external = {user.id: user.external_id for user in platform.users}
    external |= {startup.id: startup.external_id for startup in platform.startups}
    for kind in ("user", "startup"):
        for own, theirs in table.select(f"{kind}_id", f"{kind}_external_id").unique().iter_rows():
            assert external[own] == theirs


def test_places_count_from_1_and_scores_fall(evaluation: Evaluation, tmp_path: Path) -> None:
    write_rankings(evaluation, tmp_path / "rankings.parquet")
    for _, part in pl.read_parquet(tmp_path / "rankings.parquet").group_by("engine", "user_id", maintain_order=True):
        assert part["rank"].to_list() == list(range(1, len(part) + 1))
        assert part["score"].is_sorted(descending=True)


def test_a_folder_that_cannot_be_written_leaves_nothing(evaluation: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError):
        write_rankings(evaluation, tmp_path / "file" / "rankings.parquet")
