"""Yelp2018, the public split of LightGCN: 31,668 people, 38,048 businesses, and nothing but who visited which.

The towers are reduced to id embeddings of 64 numbers whose dot product is the score. Settings are chosen on the last
tenth of everybody's training visits, set aside; then everything is learned anew from all training visits, and the
published test visits are looked at once. All businesses are ranked less those visited in training; recall and NDCG at
20 are means over people, as published. The figures of the literature: LightGCN .0653 / .0532, SimpleX .0701 / .0575, MF
with softmax loss .0721 / .0592, MF with bilateral softmax loss .0725 / .0599.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from quality_part import PartResult, QualityOptions
from result import Row
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits
from yelp2018 import FILES, as_training_data, hold_out, read_split

from recommendation_service.engines.bootstrap import intervals, resampled_means
from recommendation_service.engines.item_knn import ItemKnnConfig, nearest_neighbours
from recommendation_service.engines.metrics import JudgedRankings, Values, ndcg, recall
from recommendation_service.engines.training_config import from_dict
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import Catalogue, FloatArray, UserState

K = 20
METRICS = ("ndcg@20", "recall@20")
PUBLISHED = {"ndcg@20": 0.0599, "recall@20": 0.0725}
PUBLISHED_BY = "published MF with bilateral softmax loss"
TWO_TOWER: Mapping[str, Any] = {"preset": "ids"}
ALS = [{"regularization": r, "alpha": a} for r, a in product((0.01, 1.0, 10.0), (1.0, 10.0))]
ITEM_KNN = [{"neighbours": n, "user_power": p} for n, p in product((50, 200), (0.5, 1.0))]
_SET_ASIDE = 0.1
_PEOPLE_AT_ONCE = 1024
_PEOPLE_WHEN_QUICK = 4000
_SHORT = {"epochs": 10, "batch_size": 256}

Score = Callable[[np.ndarray], FloatArray]
"""From rows of people [B] to scores float32 [B, S]."""
Fit = Callable[[csr_matrix, Mapping[str, Any], int], Score]
"""Learns from visits with settings under a seed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """What is known, and what proved relevant: float32 [U, S] each."""

    known: csr_matrix
    judged: csr_matrix

    def values(self, score: Score) -> Values:
        """float64 [people with something judged, METRICS]."""
        people = np.flatnonzero(np.diff(self.judged.indptr))
        starts = range(0, len(people), _PEOPLE_AT_ONCE)
        blocks = [self._judge(people[start : start + _PEOPLE_AT_ONCE], score) for start in starts]
        return np.concatenate(blocks)

    def _judge(self, people: np.ndarray, score: Score) -> Values:
        scores = score(people)
        known, judged = self.known[people], self.judged[people]
        scores[known.nonzero()] = -np.inf
        best = np.argpartition(-scores, K, axis=1)[:, :K]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
        columns = np.take_along_axis(best, order, axis=1)
        gains = np.asarray(judged[np.arange(len(people))[:, None], columns].todense(), dtype=np.float64)
        relevant = np.diff(judged.indptr).astype(np.int64)
        ideal = (np.arange(K) < relevant[:, None]).astype(np.float64)
        lists = JudgedRankings(gains=gains, relevant=relevant, ideal=ideal)
        return np.stack([ndcg(lists, K), recall(lists, K)], axis=1)


def measure(options: QualityOptions) -> PartResult:
    """Judge the id towers beside ALS and item-kNN."""
    folder = options.data / "yelp2018"
    final, development = _splits(options)
    judged_by = development if options.on_validation or options.quick else final
    two_tower = {**TWO_TOWER, **_SHORT} if options.quick else TWO_TOWER
    contestants: list[tuple[str, Fit, Sequence[Mapping[str, Any]], Sequence[int]]] = [
        ("item_knn", _fit_item_knn, options.candidates(ITEM_KNN), options.seeds[:1]),
        ("als", _fit_als, options.candidates(ALS), options.seeds),
        ("two_tower", _fit_two_tower, [two_tower], options.seeds),
    ]
    values, settings = {}, {}
    for name, fit, candidates, seeds in contestants:
        settings[name] = _choose(name, fit, candidates, development, seeds[0])
        values[name] = np.mean([_measure_one(name, fit, settings[name], judged_by, seed) for seed in seeds], axis=0)
    return PartResult(
        rows=list(_rows(values, {name: len(seeds) for name, _, _, seeds in contestants})),
        settings=settings,
        sources=[folder / name for name in FILES],
        protocol=__doc__ or "",
    )


def _splits(options: QualityOptions) -> tuple[Split, Split]:
    """The published split, and the one of its training visits that chooses; quick keeps the first few people."""
    train, test = read_split(options.data / "yelp2018")
    if options.quick:
        train, test = train[:_PEOPLE_WHEN_QUICK], test[:_PEOPLE_WHEN_QUICK]
    known, aside = hold_out(train, share=_SET_ASIDE)
    return Split(known=train.sorted_indices(), judged=test.sorted_indices()), Split(known=known, judged=aside)


def _choose(name: str, fit: Fit, candidates: Sequence[Mapping[str, Any]], split: Split, seed: int) -> Mapping[str, Any]:
    """The candidate with the best NDCG on the visits set aside; a single one is taken as it is."""
    if len(candidates) == 1:
        return candidates[0]
    figures = [_measure_one(name, fit, candidate, split, seed)[:, 0].mean() for candidate in candidates]
    return candidates[int(np.argmax(figures))]


def _measure_one(name: str, fit: Fit, settings: Mapping[str, Any], split: Split, seed: int) -> Values:
    started = time.monotonic()
    score = fit(split.known, settings, seed)
    learned = time.monotonic()
    values = split.values(score)
    figures = ", ".join(f"{metric} {value:.5f}" for metric, value in zip(METRICS, values.mean(axis=0), strict=True))
    print(f"yelp2018 {name} {dict(settings)} seed {seed}: {figures}, learned in {learned - started:.0f} s", flush=True)
    return values


def _fit_two_tower(likes: csr_matrix, settings: Mapping[str, Any], seed: int) -> Score:
    data = as_training_data(likes)
    engine = TwoTowerRecommender(replace(from_dict(settings), seed=seed)).fit(data)
    scorer = engine.bind(Catalogue(startups=data.startups))
    return lambda rows: scorer.score([UserState(record=data.users[row]) for row in rows])


def _fit_als(likes: csr_matrix, settings: Mapping[str, Any], seed: int) -> Score:
    """64 factors, as wide as the towers."""
    with threadpool_limits(limits=1, user_api="blas"):
        model = AlternatingLeastSquares(factors=64, iterations=15, random_state=seed, **settings)
        model.fit(likes, show_progress=False)
    return lambda rows: model.user_factors[rows] @ model.item_factors.T


def _fit_item_knn(likes: csr_matrix, settings: Mapping[str, Any], seed: int) -> Score:  # noqa: ARG001 - nothing random
    neighbours = nearest_neighbours(likes, ItemKnnConfig(**settings))
    return lambda rows: (likes[rows] @ neighbours).toarray()


def _rows(values: Mapping[str, Values], seeds: Mapping[str, int]) -> Iterator[Row]:
    peers = [name for name in values if name != "two_tower"]
    for column, metric in enumerate(METRICS):
        best = max(peers, key=lambda name: values[name][:, column].mean())
        for name, table in values.items():
            people = f"mean of {len(table)} people"
            unit = people + (f" and {seeds[name]} seeds" if seeds[name] > 1 else "")
            published = PUBLISHED[metric] if name == "two_tower" else None
            yield _row(f"{name}/{metric}", table[:, column], unit, PUBLISHED_BY if published else None, published)
        difference = values["two_tower"][:, column] - values[best][:, column]
        yield _row(f"two_tower_minus_best_peer/{metric}", difference, "paired difference", best)


def _row(name: str, values: Values, unit: str, against: str | None, published: float | None = None) -> Row:
    """A mean over people with its bootstrap interval."""
    means = resampled_means(values[:, None], resamples=1000, rng=np.random.default_rng(0))
    figure = intervals(values[:, None], means)[0]
    return Row(
        name=f"yelp2018/{name}",
        value=round(figure.mean, 5),
        unit=unit,
        interval=(round(figure.low, 5), round(figure.high, 5)),
        against=against,
        ratio=round(figure.mean / published, 4) if published else None,
    )
