"""The use cases of the engineer: train the next version, judge a version beside the baselines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recommendation_service.engines.atomic_files import write_atomically
from recommendation_service.engines.bundle import ModelDetails
from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.errors import ConfigError, DatasetError
from recommendation_service.engines.evaluation import Evaluation, evaluate
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.model_manifest import ModelManifest
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.popularity import PopularityRecommender
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.timeline import data_before
from recommendation_service.engines.training import TrainedModel, train
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.training_plots import plot_history
from recommendation_service.engines.training_session import TrainingSession
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import TrainingData


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedVersion:
    """A version that was trained, judged and saved; it is not active yet.

    Attributes:
        manifest: Of the saved version.
        model: The model and how its training went.
        evaluation: On the test window; None when nothing relevant happened there.
        not_evaluated: Why there is no evaluation.
    """

    manifest: ModelManifest
    model: TrainedModel
    evaluation: Evaluation | None
    not_evaluated: str | None


def train_version(
    data: TrainingData,
    config: TrainingConfig,
    split: TemporalSplit,
    registry: ModelRegistry,
    *,
    session: TrainingSession,
    judging: EvaluationConfig,
) -> TrainedVersion:
    """Train, judge on the test window, save as the next version with its history and curves beside it.

    Raises:
        EngineError: If training, judging or saving is refused; no version is saved then.
    """
    model = train(data, config, split, session)
    evaluation, not_evaluated = _judge_if_possible(model.recommender, data, split, judging)
    details = ModelDetails(
        split=split.to_dict(),
        data=data.provenance,
        metrics=evaluation.report.means(model.recommender.name) if evaluation else {},
        training=_summary(model),
    )
    manifest = registry.save(model.recommender, details)
    _write_history(registry, manifest.version, model, config)
    return TrainedVersion(manifest=manifest, model=model, evaluation=evaluation, not_evaluated=not_evaluated)


def judge_version(
    registry: ModelRegistry,
    version: str,
    data: TrainingData,
    split: TemporalSplit | None,
    judging: EvaluationConfig,
) -> Evaluation:
    """Judge a saved version beside the baselines.

    Args:
        registry: Where it is saved.
        version: Its name.
        data: Records and rows, of its own dataset or a later one.
        split: Where its test window lies; None takes the cuts that it was trained with.
        judging: How to judge.

    Raises:
        ModelFileError: If the version cannot be used.
        ConfigError: If the test window begins before the training ended.
        DatasetError: If nothing relevant happened in the test window.
    """
    recommender = registry.load_recommender(version)
    trained = TemporalSplit.from_dict(registry.describe(version).split)
    split = split or trained
    if split.train_until < trained.train_until:
        raise ConfigError(
            f"{version} learned from acts up to {trained.train_until.isoformat()}; judging it from "
            f"{split.train_until.isoformat()} on would ask about what it has seen; give a later --train-until"
        )
    return judge(recommender, data, split, judging)


def judge(
    recommender: TwoTowerRecommender, data: TrainingData, split: TemporalSplit, judging: EvaluationConfig
) -> Evaluation:
    """Judge a model beside popularity and content, both of which learn from what lies before the test window.

    Raises:
        DatasetError: If nothing relevant happened in the test window.
    """
    known = data_before(data, split.train_until)
    baselines = [PopularityRecommender().fit(known), ContentBasedRecommender().fit(known)]
    engines: Mapping[str, Recommender] = {engine.name: engine for engine in (recommender, *baselines)}
    return evaluate(engines, data, split.test_window, primary=recommender.name, config=judging)


def _judge_if_possible(
    recommender: TwoTowerRecommender, data: TrainingData, split: TemporalSplit, judging: EvaluationConfig
) -> tuple[Evaluation | None, str | None]:
    """A model may be trained up to today, when there is no later act to judge it by."""
    try:
        return judge(recommender, data, split, judging), None
    except DatasetError as error:
        return None, str(error)


def _summary(model: TrainedModel) -> dict[str, Any]:
    best = model.search.best
    return {
        "epochs": len(model.search),
        "best_epoch": best.epoch + 1,
        "best_validation_ndcg": best.validation,
        "loss": (model.refit.epochs[-1] if len(model.refit) else best).loss,
        "refit_epochs": len(model.refit),
        "skipped_steps": model.search.epochs[-1].skipped_steps,
        "seconds": round(sum(record.seconds for record in (*model.search.epochs, *model.refit.epochs)), 1),
    }


def _write_history(registry: ModelRegistry, version: str, model: TrainedModel, config: TrainingConfig) -> None:
    history = {
        "validation_metric": f"ndcg@{config.validation_k}",
        "search": model.search.to_list(),
        "refit": model.refit.to_list(),
    }
    target = registry.folder / f"{version}.history.json"
    write_atomically(target, (json.dumps(history, indent=1) + "\n").encode())
    plot_history(model.search, registry.folder / f"{version}.curves.png", validation_k=config.validation_k)
