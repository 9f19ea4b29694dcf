from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from contracts.api import Rung, Segment
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.evaluation import Evaluation, evaluate
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_judging import value_names
from recommendation_service.engines.popularity import PopularityRecommender
from recommendation_service.engines.router import RoutingPolicy
from recommendation_service.engines.routing_evidence import route_by_evidence
from recommendation_service.engines.routing_table import RoutingTable
from recommendation_service.engines.splitting import split_by_ratio
from recommendation_service.engines.timeline import data_before
from recommendation_service.engines.types import TrainingData

CONFIG = EvaluationConfig(resamples=200)
COLUMN = value_names(CONFIG.ks).index("ndcg@10")


@pytest.fixture(scope="module")
def judged(platform: TrainingData) -> Evaluation:
    """A third of the people each without history, warm and hot."""
    split = split_by_ratio(platform.interactions, test=0.3)
    engine = PopularityRecommender().fit(data_before(platform, split.train_until))
    found = evaluate({"popularity": engine}, platform, split.test_window, primary="popularity", config=CONFIG)
    acts = np.resize([0, 10, 30], len(found.task.users))
    return replace(found, task=replace(found.task, acts_before=acts))


def evidence(judged: Evaluation, **ndcg: float | np.ndarray) -> Evaluation:
    """An evaluation in which each engine has this NDCG@10 for everybody, or for each user."""
    users = len(judged.task.users)
    values = {name: np.zeros((users, len(value_names(CONFIG.ks)))) for name in ndcg}
    for name, value in ndcg.items():
        values[name][:, COLUMN] = value
    return replace(judged, values=values)


def test_what_is_better_beyond_chance_takes_the_place_of_the_default(judged: Evaluation) -> None:
    table = route_by_evidence(evidence(judged, content_based=0.1, two_tower=0.2, ensemble=0.3, trending=0.25))
    assert {segment: route.engine for segment, route in table.segments.items()} == dict.fromkeys(Segment, Rung.ENSEMBLE)
    cold = table.segments[Segment.COLD]
    assert (cold.default, cold.engines["trending"].mean) == (Rung.CONTENT_BASED, pytest.approx(0.25))
    assert cold.against_default["trending"].mean == pytest.approx(0.15)


def test_a_difference_that_chance_explains_changes_nothing(judged: Evaluation) -> None:
    noise = np.random.default_rng(0).normal(0.0, 1.0, len(judged.task.users))
    noise -= noise.mean() - 0.001
    table = route_by_evidence(evidence(judged, content_based=0.2, two_tower=0.2, ensemble=0.2 + noise))
    assert table.policy() == RoutingPolicy()


def test_segments_are_decided_apart(judged: Evaluation) -> None:
    acts = judged.task.acts_before
    table = route_by_evidence(
        evidence(judged, content_based=0.1, two_tower=np.where(acts > 20, 0.3, 0.05), trending=0.2 * (acts < 5))
    )
    assert table.segments[Segment.COLD].engine is Rung.TRENDING
    assert table.segments[Segment.WARM].engine is Rung.CONTENT_BASED
    assert table.segments[Segment.HOT].engine is Rung.TWO_TOWER
    assert sum(route.people for route in table.segments.values()) == len(judged.task.users)


def test_what_is_shown_over_everybody_counts_where_a_small_segment_agrees(judged: Evaluation) -> None:
    """In one segment the same lead hides in noise; it is believed there, unless the segment points the other way."""
    hot = judged.task.acts_before > 20
    noise = np.where(hot, np.random.default_rng(0).normal(0.0, 1.0, len(hot)), 0.0)
    noise[hot] -= noise[hot].mean()
    for lead, due in ((0.01, Rung.ENSEMBLE), (-0.01, Rung.TWO_TOWER)):
        gain = np.where(hot, lead, 0.9) + noise
        table = route_by_evidence(evidence(judged, content_based=0.2, two_tower=0.2, ensemble=0.2 + gain))
        route = table.segments[Segment.HOT]
        assert route.against_default["ensemble"].low < 0 < route.against_default["ensemble"].high
        assert route.engine is due
        assert table.segments[Segment.WARM].engine is Rung.ENSEMBLE


def test_an_engine_that_the_service_cannot_serve_takes_no_part(judged: Evaluation) -> None:
    table = route_by_evidence(evidence(judged, content_based=0.1, two_tower=0.2, als=0.9))
    assert table.policy() == RoutingPolicy(first_rung={Segment.COLD: Rung.TWO_TOWER})
    assert "als" not in table.segments[Segment.HOT].engines


def test_nobody_in_a_segment_keeps_the_default(judged: Evaluation) -> None:
    task = replace(judged.task, acts_before=np.full_like(judged.task.acts_before, 3))
    found = replace(evidence(judged, content_based=0.1, two_tower=0.2, ensemble=0.9), task=task)
    hot = route_by_evidence(found).segments[Segment.HOT]
    assert (hot.engine, hot.people) == (Rung.TWO_TOWER, 0)


def test_figures_of_the_defaults_are_needed(judged: Evaluation) -> None:
    with pytest.raises(ConfigError, match="needs figures of two_tower; evaluate it beside the others"):
        route_by_evidence(evidence(judged, content_based=0.1))


@pytest.fixture
def written(judged: Evaluation, tmp_path: Path) -> Path:
    file = tmp_path / "routing.json"
    route_by_evidence(evidence(judged, content_based=0.1, two_tower=0.2, ensemble=0.3)).write(file)
    return file


def test_a_table_comes_back_from_its_file(judged: Evaluation, written: Path) -> None:
    table = RoutingTable.read(written)
    assert table == route_by_evidence(evidence(judged, content_based=0.1, two_tower=0.2, ensemble=0.3))
    assert table.policy().route(Segment.HOT, two_tower=True)[0] is Rung.ENSEMBLE
    assert (table.warm_from, table.hot_above, table.window_start) == (5, 20, judged.report.window_start)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("segments", "hot", "engine"), "deep_fm", "'deep_fm' is not a valid Rung"),
        (("segments", "boiling"), {}, "'boiling' is not a valid Segment"),
        (("format",), 9, "not a routing table of format 1 \\(format 9\\); write it with"),
        (("segments",), {}, "must name cold, warm, hot"),
        (("warm_from",), 30, "1 <= warm_from <= hot_above"),
        (("surprise",), 1, "surprise"),
        (("segments", "hot", "engines", "two_tower"), {"mean": 1}, "cannot be used"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(
    written: Path, path: tuple[str, ...], value: object, message: str
) -> None:
    content = json.loads(written.read_text())
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    written.write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=message):
        RoutingTable.read(written)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no configuration file"):
        RoutingTable.read(tmp_path / "nowhere.json")
