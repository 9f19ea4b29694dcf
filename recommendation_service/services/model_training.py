"""The use case of the engineer: train the next version and judge it beside the baselines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from recommendation_service.engines.bundle import ModelDetails
from recommendation_service.engines.ensemble import EnsembleConfig
from recommendation_service.engines.errors import DatasetError, TrainingError
from recommendation_service.engines.evaluation import Evaluation
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.model_manifest import ModelManifest
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.quality_gate import Verdict, pass_verdict
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.timeline import data_before
from recommendation_service.engines.training import TrainedModel, train
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.training_session import TrainingSession
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import TrainingData
from recommendation_service.services.model_evaluation import judge_models
from recommendation_service.services.model_files import write_model_files
from recommendation_service.services.version_engines import VersionEngines, with_ensemble


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedVersion:
    """A version that was trained, judged and saved; it is not active yet.

    Attributes:
        manifest: Of the saved version.
        model: The model and how its training went.
        validation: Of the engine that has not seen the validation window, on it.
        verdict: Whether the version may serve, by that.
        evaluation: On the test window; None when nothing relevant happened there.
        not_evaluated: Why there is no evaluation.
    """

    manifest: ModelManifest
    model: TrainedModel
    validation: Evaluation
    verdict: Verdict
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
    ensemble: EnsembleConfig | None = None,
) -> TrainedVersion:
    """Train, judge, save as the next version with its card, history and pictures beside it.

    A version that cannot rank, or is significantly worse than popularity on the validation window, is saved as refused.

    Args:
        data: Records and rows.
        config: What to train.
        split: Cuts of time.
        registry: Where the version is saved.
        session: How to carry it out.
        judging: How to judge.
        ensemble: Also learn an ensemble in which the two towers vote; None for none.

    Raises:
        EngineError: If training, judging or saving fails; no version is saved then.
    """
    model = train(data, config, split, session)
    validation = _validate(model.searched, data, split, judging, ensemble, k=config.validation_k)
    verdict = _verdict(model, validation, config)
    engines = with_ensemble(model.recommender, data_before(data, split.train_until), ensemble)
    evaluation, not_evaluated = _judge_if_possible(engines, data, split, judging)
    details = ModelDetails(
        split=split.to_dict(),
        data=data.provenance,
        metrics=_metrics(engines, evaluation),
        training=_summary(model),
        refused=verdict.refused,
    )
    manifest = registry.save(model.recommender, details, ensemble=engines.ensemble)
    write_model_files(
        registry.folder, manifest, model, verdict=verdict, validation=validation, test=evaluation, config=config
    )
    return TrainedVersion(
        manifest=manifest,
        model=model,
        validation=validation,
        verdict=verdict,
        evaluation=evaluation,
        not_evaluated=not_evaluated,
    )


def _validate(
    searched: TwoTowerRecommender,
    data: TrainingData,
    split: TemporalSplit,
    judging: EvaluationConfig,
    ensemble: EnsembleConfig | None,
    *,
    k: int,
) -> Evaluation:
    """Judge what has not seen the validation window on it; the test window stays closed.

    The ensemble that is judged here learned before that window; the one that is saved learns from it too.
    """
    window = split.validation_window
    if window is None:
        raise TrainingError("there is no validation window to judge by")
    known = data_before(data, split.train_until)
    cuts = TemporalSplit(train_until=window.start, test_until=window.end)
    engines = with_ensemble(searched, data_before(data, window.start), ensemble)
    return judge_models(engines.by_name, known, cuts, replace(judging, ks=tuple(sorted({*judging.ks, k}))))


def _verdict(model: TrainedModel, validation: Evaluation, config: TrainingConfig) -> Verdict:
    if model.collapsed:
        return Verdict(refused=model.collapsed)
    return pass_verdict(validation.report, metric=f"ndcg@{config.validation_k}")


def _judge_if_possible(
    engines: VersionEngines, data: TrainingData, split: TemporalSplit, judging: EvaluationConfig
) -> tuple[Evaluation | None, str | None]:
    """A model may be trained up to today, when there is no later act to judge it by."""
    try:
        return judge_models(engines.by_name, data, split, judging), None
    except DatasetError as error:
        return None, str(error)


def _metrics(engines: VersionEngines, evaluation: Evaluation | None) -> dict[str, float]:
    """The two-tower engine's figures under their own names, the ensemble's under `ensemble/`."""
    if evaluation is None:
        return {}
    metrics = evaluation.report.means(engines.two_tower.name)
    if engines.ensemble is not None:
        added = evaluation.report.means(engines.ensemble.name)
        metrics |= {f"{engines.ensemble.name}/{metric}": value for metric, value in added.items()}
    return metrics


def _summary(model: TrainedModel) -> dict[str, Any]:
    best, runs = model.search.best, (model.search.epochs, model.refit.epochs)
    return {
        "epochs": len(model.search),
        "best_epoch": best.epoch + 1,
        "best_validation_ndcg": best.validation,
        "loss": (model.refit.epochs[-1] if len(model.refit) else best).loss,
        "refit_epochs": len(model.refit),
        "skipped_steps": sum(run[-1].skipped_steps for run in runs if run),
        "seconds": round(sum(record.seconds for run in runs for record in run), 1),
    }
