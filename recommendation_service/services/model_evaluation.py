"""The use cases of judging: a version beside the baselines, both ways round, against another one, for the router."""

from __future__ import annotations

from collections.abc import Mapping

from recommendation_service.engines.baselines import fit_baselines, reverse_engines
from recommendation_service.engines.comparison import Comparison, compare
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.evaluation import Evaluation, evaluate
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.reverse_evaluation import ReverseReport, evaluate_reverse
from recommendation_service.engines.routing_evidence import route_by_evidence
from recommendation_service.engines.routing_table import RoutingTable
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.timeline import data_before
from recommendation_service.engines.types import TrainingData


def judge(recommender: Recommender, data: TrainingData, split: TemporalSplit, judging: EvaluationConfig) -> Evaluation:
    """Judge a model beside the baselines, which learn from what lies before the test window.

    Raises:
        DatasetError: If nothing relevant happened in the test window.
    """
    return judge_models({recommender.name: recommender}, data, split, judging)


def judge_models(
    models: Mapping[str, Recommender], data: TrainingData, split: TemporalSplit, judging: EvaluationConfig
) -> Evaluation:
    """Judge models beside the baselines; the first is the one that all others are compared with.

    Args:
        models: Engines by the name the report gives them, fitted on nothing from the test window.
        data: Records, and rows from before and inside the test window.
        split: Where the test window lies.
        judging: How to judge.

    Raises:
        DatasetError: If nothing relevant happened in the test window.
    """
    engines = {**models, **fit_baselines(data_before(data, split.train_until))}
    return evaluate(engines, data, split.test_window, primary=next(iter(models)), config=judging)


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
    models = registry.load_engines(version)
    split = split or _trained_split(registry, version)
    _refuse_seen(registry, version, split)
    return judge_models(models, data, split, judging)


def judge_reverse(evaluation: Evaluation) -> ReverseReport:
    """Judge the engines of an evaluation on the same window in the direction startup -> people.

    Raises:
        DatasetError: If nobody who had acted before proved relevant to any startup.
    """
    task = evaluation.task
    engines = reverse_engines(evaluation.engines, data_before(task.data, task.window.start))
    return evaluate_reverse(engines, task, primary=evaluation.report.primary, config=evaluation.config)


def compare_versions(
    registry: ModelRegistry,
    versions: tuple[str, str],
    data: TrainingData,
    split: TemporalSplit | None,
    judging: EvaluationConfig,
) -> tuple[Evaluation, Comparison]:
    """Judge two saved versions on the same question, beside the baselines.

    Args:
        registry: Where both are saved.
        versions: Their names; verdicts speak about the first.
        data: Records and rows.
        split: Where the test window lies; None takes the cuts that both were trained with.
        judging: How to judge.

    Raises:
        ModelFileError: If a version cannot be used.
        ConfigError: If they are one and the same, without `split` were trained on other data or cuts, or have seen the
            test window.
        DatasetError: If nothing relevant happened in the test window.
    """
    first, second = versions
    if first == second:
        raise ConfigError(f"--compare needs two versions, got {first} twice")
    models = {version: registry.load_recommender(version) for version in versions}
    if split is None:
        _refuse_other_question(registry, first, second)
        split = _trained_split(registry, first)
    for version in versions:
        _refuse_seen(registry, version, split)
    evaluation = judge_models(models, data, split, judging)
    return evaluation, compare(evaluation, first, second)


def route_version(registry: ModelRegistry, version: str, data: TrainingData, judging: EvaluationConfig) -> RoutingTable:
    """The routing table for a saved version, decided on its validation window, which its weights have not seen.

    The baselines learn from what lies before that window. The window did pick the version's best epoch, a slight favour
    to the two-tower engine.

    Raises:
        ModelFileError: If the version cannot be used.
        ConfigError: If there is no window that the version has not learned from.
        DatasetError: If nothing relevant happened in the validation window.
    """
    manifest = registry.describe(version)
    window = TemporalSplit.from_dict(manifest.split).validation_window
    if window is None:
        raise ConfigError(f"{version} was trained without a validation window; train it with --validation-from")
    if manifest.config.get("refit"):
        raise ConfigError(
            f"{version} was trained again on its validation window (refit), so nothing unseen is left to decide its "
            "routes on; give --write-routing to the training itself, which judges the model before that"
        )
    cuts = TemporalSplit(train_until=window.start, test_until=window.end)
    return route_by_evidence(judge(registry.load_recommender(version), data, cuts, judging))


def _trained_split(registry: ModelRegistry, version: str) -> TemporalSplit:
    return TemporalSplit.from_dict(registry.describe(version).split)


def _refuse_seen(registry: ModelRegistry, version: str, split: TemporalSplit) -> None:
    trained = _trained_split(registry, version)
    if split.train_until < trained.train_until:
        raise ConfigError(
            f"{version} learned from acts up to {trained.train_until.isoformat()}; judging it from "
            f"{split.train_until.isoformat()} on would ask about what it has seen; give a later --train-until"
        )


def _refuse_other_question(registry: ModelRegistry, first: str, second: str) -> None:
    """Versions that learned from different data or cuts have no test window of their own in common."""
    one, other = registry.describe(first), registry.describe(second)
    for what, ours, theirs in (
        ("data", one.data.get("manifest_sha256"), other.data.get("manifest_sha256")),
        ("cuts of time", one.split, other.split),
    ):
        if ours != theirs:
            latest = max(_trained_split(registry, version).train_until for version in (first, second))
            raise ConfigError(
                f"{first} and {second} were trained on different {what} ({ours} and {theirs}); to judge both on what "
                f"neither has seen, give --train-until {latest.isoformat()} or later"
            )
