"""What the product itself enters: the two-tower model alone, the ensemble, and what a person is actually served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from contest import Contest, Entry
from routed import RoutedRecommender

from contracts.api import Rung
from recommendation_service.engines.config_json import to_dict
from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.ensemble import EnsembleConfig, EnsembleRecommender
from recommendation_service.engines.evaluation import evaluate
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.router import RoutingPolicy
from recommendation_service.engines.routing_evidence import route_by_evidence
from recommendation_service.engines.training import TrainedModel, train
from recommendation_service.engines.training_config import TrainingConfig, from_dict
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import TrainingData


def enter_product(
    contest: Contest, two_tower: Mapping[str, Any], ensemble: EnsembleConfig | None = None
) -> list[Entry]:
    """Train the product's contestants on what lies before the judged window.

    Args:
        contest: Where they compete.
        two_tower: The training, as JSON data over a preset; it was chosen on the validation window.
        ensemble: Likewise; the defaults if None. Its policy and seed are the contest's.
    """
    config = replace(from_dict(two_tower), refit=True)
    trained = [_train(contest, config, seed) for seed in contest.seeds]
    ensembles = [
        _ensemble(contest, ensemble, model.recommender, contest.known_before_test, seed)
        for model, seed in zip(trained, contest.seeds, strict=True)
    ]
    policy = _routes(contest, ensemble, trained[0])
    content = ContentBasedRecommender().fit(contest.known_before_test)
    routed = [
        RoutedRecommender(
            {Rung.ENSEMBLE: ensemble, Rung.TWO_TOWER: model.recommender, Rung.CONTENT_BASED: content}, policy
        )
        for model, ensemble in zip(trained, ensembles, strict=True)
    ]
    towers = [model.recommender for model in trained]
    chosen = {} if ensemble is None else to_dict(ensemble)
    routes = {segment.value: rung.value for segment, rung in policy.first_rung.items()}
    return [
        Entry(name="two_tower", engines=towers, chosen=two_tower, kind="product"),
        Entry(name="ensemble", engines=ensembles, chosen=chosen, kind="product"),
        Entry(name="routed", engines=routed, chosen=routes, kind="product"),
    ]


def _train(contest: Contest, config: TrainingConfig, seed: int) -> TrainedModel:
    """Stopped by the validation window, then learned anew with it."""
    trained = train(contest.data, replace(config, seed=seed), contest.split)
    contest.say(f"two_tower seed {seed}: {len(trained.search)} epochs, best {trained.search.best.epoch + 1}")
    return trained


def _ensemble(
    contest: Contest, config: EnsembleConfig | None, voter: TwoTowerRecommender, known: TrainingData, seed: int
) -> EnsembleRecommender:
    """The ensemble's own windows lie before the end of what is known."""
    windows = replace((config or EnsembleConfig()).windows, policy=contest.config.policy)
    settings = replace(config or EnsembleConfig(), windows=windows, seed=seed)
    engine = EnsembleRecommender(config=settings).fit(known, voters={voter.name: voter})
    contest.say(f"ensemble seed {seed}: learned")
    return engine


def _routes(contest: Contest, config: EnsembleConfig | None, model: TrainedModel) -> RoutingPolicy:
    """Who is served by what, decided on the validation window by engines that have not seen it."""
    known = contest.known_before_validation
    ensemble = _ensemble(contest, config, model.searched, known, contest.seeds[0])
    engines: dict[str, Recommender] = {
        engine.name: engine for engine in (model.searched, ensemble, ContentBasedRecommender().fit(known))
    }
    judged = evaluate(
        engines, contest.known_before_test, contest.validation_window, primary=ensemble.name, config=contest.config
    )
    policy = route_by_evidence(judged).policy()
    contest.say(f"routes: { {segment.value: rung.value for segment, rung in policy.first_rung.items()} }")
    return policy
