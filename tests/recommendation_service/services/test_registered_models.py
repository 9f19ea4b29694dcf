from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.api import ModelStatus, Rung, Segment
from recommendation_service.engines.bundle import ModelDetails, model_file
from recommendation_service.engines.errors import ConfigError, ModelFileError
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.retrieval.exact_index import ExactIndex
from recommendation_service.engines.retrieval.hnsw_index import HnswIndex
from recommendation_service.engines.retrieval.index_config import IndexConfig
from recommendation_service.engines.router import RoutingPolicy
from recommendation_service.engines.routing_table import RoutingTable, SegmentRoute, routing_file
from recommendation_service.engines.training_config import TowerConfig, fast
from recommendation_service.engines.two_tower import TwoTowerRecommender, TwoTowerScorer
from recommendation_service.engines.types import Catalogue, TrainingData
from recommendation_service.services.errors import ActiveModelMovedError
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.services.registered_models import RegisteredModels


@pytest.fixture(scope="module")
def recommender(platform: TrainingData) -> TwoTowerRecommender:
    tower = TowerConfig(hidden=(8,), dropout=(0.0,))
    config = replace(fast(), user_tower=tower, startup_tower=tower, embedding=4, epochs=1)
    return TwoTowerRecommender(config).fit(platform)


def test_a_folder_that_is_not_there_yet_has_no_models(tmp_path: Path) -> None:
    models = RegisteredModels(tmp_path / "none")
    assert (models.active_version(), list(models.summaries())) == (None, [])


def test_a_folder_that_is_gone_says_nothing_about_what_should_serve(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    models = RegisteredModels(folder)
    folder.mkdir()
    assert models.active_version() is None
    away = folder.rename(tmp_path / "moved")
    for _ in range(2):
        with pytest.raises(ModelFileError, match="models is gone; bring it back"):
            models.active_version()
    away.rename(folder)
    assert models.active_version() is None


def test_versions_are_told_with_state_and_preset(tmp_path: Path, recommender: TwoTowerRecommender) -> None:
    registry, models = ModelRegistry(tmp_path), RegisteredModels(tmp_path)
    registry.activate(registry.save(recommender).version)
    registry.save(recommender)
    assert models.active_version() == "two_tower_v1"
    told = [(model.version, model.status, model.preset) for model in models.summaries()]
    assert told == [("two_tower_v1", ModelStatus.ACTIVE, "fast"), ("two_tower_v2", ModelStatus.AVAILABLE, "fast")]
    assert isinstance(models.load("two_tower_v1").engines[Rung.TWO_TOWER], TwoTowerRecommender)


def test_two_who_decide_the_same_go_back_once(tmp_path: Path, recommender: TwoTowerRecommender) -> None:
    models = RegisteredModels(tmp_path)
    for _ in range(3):
        models.activate(ModelRegistry(tmp_path).save(recommender).version)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(models.rollback, seen="two_tower_v3") for _ in range(2)]
    assert sum(isinstance(future.exception(), ActiveModelMovedError) for future in asked) == 1
    assert models.active_version() == "two_tower_v2"
    assert models.rollback() == "two_tower_v1", "whoever does not say what they saw goes back from whichever it is"


def test_no_version_can_be_what_was_seen(tmp_path: Path, recommender: TwoTowerRecommender) -> None:
    registry, models = ModelRegistry(tmp_path), RegisteredModels(tmp_path)
    models.activate(registry.save(recommender).version)
    with pytest.raises(ActiveModelMovedError, match="two_tower_v1 is active by now, not none"):
        models.rollback(seen="")
    registry.deactivate()
    with pytest.raises(ActiveModelMovedError, match="no version is active by now, not two_tower_v1"):
        models.rollback(seen="two_tower_v1")
    assert models.rollback(seen="") == "two_tower_v1"


@pytest.mark.parametrize(("told", "encoder"), [("hashing", "hashing"), ("", None), (None, None)])
def test_a_version_says_whose_texts_it_was_trained_on(
    tmp_path: Path, recommender: TwoTowerRecommender, told: str | None, encoder: str | None
) -> None:
    data = {} if told is None else {"embedding_model": told}
    ModelRegistry(tmp_path).save(recommender, ModelDetails(data=data))
    assert RegisteredModels(tmp_path).load("two_tower_v1").encoder == encoder


def test_a_version_says_when_it_was_trained(tmp_path: Path, recommender: TwoTowerRecommender) -> None:
    manifest = ModelRegistry(tmp_path).save(recommender)
    assert RegisteredModels(tmp_path).load(manifest.version).created_at == manifest.created_at


def test_what_changed_in_the_folder_is_told_anew(tmp_path: Path, recommender: TwoTowerRecommender) -> None:
    registry, models = ModelRegistry(tmp_path), RegisteredModels(tmp_path)
    version = registry.save(recommender).version
    assert [model.status for model in models.summaries()] == [ModelStatus.AVAILABLE]
    registry.activate(version)
    assert [model.status for model in models.summaries()] == [ModelStatus.ACTIVE]
    model_file(tmp_path, version).write_bytes(b"short")
    (told,) = models.summaries()
    assert told.status is ModelStatus.INVALID
    assert told.problem


def test_unchanged_models_are_proved_once(
    tmp_path: Path, recommender: TwoTowerRecommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    ModelRegistry(tmp_path).save(recommender)
    models = RegisteredModels(tmp_path)
    first = models.summaries()
    monkeypatch.setattr(ModelRegistry, "versions", lambda self: pytest.fail("proved again"))
    assert models.summaries() == first


def test_a_version_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="there is no version two_tower_v7"):
        RegisteredModels(tmp_path).load("two_tower_v7")


def test_the_routing_table_beside_a_version_comes_with_it_and_a_damaged_one_is_refused(
    tmp_path: Path, recommender: TwoTowerRecommender
) -> None:
    version = ModelRegistry(tmp_path).save(recommender).version
    models = RegisteredModels(tmp_path)
    assert models.load(version).routing is None
    nobody = {
        segment: SegmentRoute(
            engine=Rung.TWO_TOWER, default=Rung.CONTENT_BASED, people=0, engines={}, against_default={}
        )
        for segment in Segment
    }
    table = RoutingTable(
        metric="ndcg@10",
        window_start="2025-01-01",
        window_end=None,
        confidence=0.95,
        warm_from=3,
        hot_above=9,
        segments=nobody,
        data={},
    )
    file = routing_file(tmp_path, version)
    table.write(file)
    assert models.load(version).routing == RoutingPolicy(
        warm_from=3, hot_above=9, first_rung=dict.fromkeys(Segment, Rung.TWO_TOWER)
    )
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(ConfigError, match=version):
        models.load(version)


def test_a_deployment_decides_on_the_index(
    tmp_path: Path, recommender: TwoTowerRecommender, platform: TrainingData
) -> None:
    version = ModelRegistry(tmp_path).save(recommender).version
    catalogue = Catalogue(startups=platform.startups)
    for index, expected in ((None, ExactIndex), (IndexConfig(hnsw_from=1), HnswIndex)):
        scorer = RegisteredModels(tmp_path, index).load(version).engines[Rung.TWO_TOWER].bind(catalogue)
        assert isinstance(scorer, TwoTowerScorer)
        assert isinstance(scorer.index, expected)


@pytest.mark.parametrize("recall", [0.5, 0.995])
def test_a_graph_that_finds_too_little_is_among_the_problems(
    tmp_path: Path,
    recommender: TwoTowerRecommender,
    fake_database: Any,
    recall: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(HnswIndex, "measure_recall", lambda *_: recall)
    registry = ModelRegistry(tmp_path)
    registry.activate(registry.save(recommender).version)
    service = RecommendationService(fake_database, models=RegisteredModels(tmp_path, IndexConfig(hnsw_from=1)))
    assert service.state.index_recalls() == {}
    service.keeper.refresh()
    told = [problem for problem in service.state.readiness().problems if problem.startswith("index of two_tower: ")]
    assert len(told) == (recall < 0.98)
    assert service.state.status().problems == service.state.readiness().problems
    assert service.state.index_recalls() == {"two_tower": recall}


def test_exact_search_finds_everything(tmp_path: Path, recommender: TwoTowerRecommender, fake_database: Any) -> None:
    registry = ModelRegistry(tmp_path)
    registry.activate(registry.save(recommender).version)
    service = RecommendationService(fake_database, models=RegisteredModels(tmp_path))
    service.keeper.refresh()
    assert service.state.index_recalls() == {"two_tower": 1.0}
    assert service.state.readiness().problems == []
