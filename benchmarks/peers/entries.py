"""Every peer with the grid it is tuned on, as entries of a contest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contest import Contest, Entry, Settings, enter, grid
from quality_part import QualityOptions

from peers.blend import BlendPeer
from peers.ease import EasePeer
from peers.factors import AlsPeer, BprPeer
from peers.item_knn import ItemKnnPeer
from peers.lambdamart import LambdaMartConfig, LambdaMartPeer
from peers.rechub_dssm import RechubDssmConfig, RechubDssmPeer
from peers.rp3beta import Rp3BetaPeer
from recommendation_service.engines.content_based import ContentBasedRecommender, ContentConfig
from recommendation_service.engines.popularity import PopularityConfig, PopularityRecommender
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.types import TrainingData

# The first candidate of every grid is a sensible default: `--quick` takes it as it is.
POPULARITY_GRID = grid(half_life_days=[180.0, 30.0, 90.0, 365.0, None])
CONTENT_GRID = grid(text=[5.0, 0.0, 20.0], preference_acts=[2.0, 0.5, 8.0])
ITEM_KNN_GRID = grid(neighbours=[200, 50, 1000], shrinkage=[0.0, 5.0, 20.0, 100.0])
RP3BETA_GRID = grid(alpha=[0.8, 0.6, 1.0], beta=[0.6, 0.3, 0.9], neighbours=[200, 1000])
EASE_GRID = grid(regularization=[100.0, 20.0, 500.0, 2000.0])
ALS_GRID = grid(factors=[64, 16, 32, 128], regularization=[1.0, 0.1], alpha=[20.0, 5.0, 1.0])
BPR_GRID = grid(factors=[64], regularization=[0.01, 0.05], learning_rate=[0.05, 0.01], iterations=[200, 50, 500])
BLEND_WEIGHTS = [1.0, 0.25, 0.5, 2.0, 4.0]
DSSM_GRID = grid(in_batch=[False, True])
LAMBDAMART_GRID = grid(leaves=[7, 15], trees=[200, 100])


def enter_peers(
    contest: Contest, options: QualityOptions, *, least_acts: int, lambdamart: Mapping[str, Any] | None
) -> list[Entry]:
    """Tune and fit every peer.

    Args:
        contest: Where they compete.
        options: Of the benchmark.
        least_acts: Startups with fewer acts are left out of EASE.
        lambdamart: The windows it learns from (settings of `LambdaMartConfig`); None leaves it out.
    """
    popularity = _enter(contest, options, "popularity", POPULARITY_GRID)
    content = _enter(contest, options, "content_based", CONTENT_GRID)
    item_knn = _enter(contest, options, "item_knn", ITEM_KNN_GRID)
    rp3beta = _enter(contest, options, "rp3beta", RP3BETA_GRID)
    ease_grid = [{**settings, "least_acts": least_acts} for settings in EASE_GRID]
    ease = _enter(contest, options, "ease", ease_grid)
    als = _enter(contest, options, "als", ALS_GRID, seeded=True)
    bpr = _enter(contest, options, "bpr", BPR_GRID, seeded=True)
    alone = {entry.name: entry for entry in (popularity, content, item_knn, rp3beta, ease, als, bpr)}
    blends = [_enter_blend(contest, options, alone[name], content) for name in ("item_knn", "rp3beta")]
    dssm = _enter(contest, options, "rechub_dssm", DSSM_GRID, seeded=True)
    entries = [*alone.values(), *blends, dssm]
    if lambdamart is not None:
        parts = [popularity, content, item_knn, als]
        entries.append(_enter_lambdamart(contest, options, parts, lambdamart))
    return entries


def build(name: str, settings: Settings, seed: int) -> Recommender:
    """An unfitted peer by name."""
    match name:
        case "popularity":
            return PopularityRecommender(PopularityConfig(**settings))
        case "content_based":
            return ContentBasedRecommender(ContentConfig(**settings))
        case "item_knn":
            return ItemKnnPeer(**settings)
        case "rp3beta":
            return Rp3BetaPeer(**settings)
        case "ease":
            return EasePeer(**settings)
        case "als":
            return AlsPeer(**settings, seed=seed)
        case "bpr":
            return BprPeer(**settings, seed=seed)
        case "rechub_dssm":
            return RechubDssmPeer(RechubDssmConfig(**settings, seed=seed))
        case _:
            raise ValueError(f"there is no peer {name!r}")


def _enter(
    contest: Contest, options: QualityOptions, name: str, candidates: Sequence[Settings], *, seeded: bool = False
) -> Entry:
    def fit(data: TrainingData, settings: Settings, seed: int) -> Recommender:
        return build(name, settings, seed).fit(data)

    return enter(contest, name, fit, options.candidates(candidates), seeded=seeded)


def _enter_blend(contest: Contest, options: QualityOptions, collaborative: Entry, content: Entry) -> Entry:
    """A collaborative peer and the content profile, each as tuned alone."""

    def fit(data: TrainingData, settings: Settings, seed: int) -> Recommender:
        parts = [build(entry.name, entry.chosen, seed) for entry in (collaborative, content)]
        return BlendPeer(parts, [1.0, settings["content"]]).fit(data)

    return enter(contest, f"{collaborative.name}_content", fit, options.candidates(grid(content=BLEND_WEIGHTS)))


def _enter_lambdamart(
    contest: Contest, options: QualityOptions, parts: Sequence[Entry], windows: Mapping[str, Any]
) -> Entry:
    """Over the engines as tuned alone."""

    def fit(data: TrainingData, settings: Settings, seed: int) -> Recommender:
        def engines() -> dict[str, Recommender]:
            return {entry.name: build(entry.name, entry.chosen, seed) for entry in parts}

        config = LambdaMartConfig(policy=contest.config.policy, **windows, **settings, seed=seed)
        return LambdaMartPeer(engines, config).fit(data)

    return enter(contest, "lambdamart", fit, options.candidates(LAMBDAMART_GRID), seeded=True)
