"""The startups that engines put forward for each person, with each engine's score and place as features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recommendation_service.engines.recommender import top_k
from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.types import BoolArray, FloatArray

FEATURES_PER_ENGINE = ("place_log", "deviation", "score")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """The union of the engines' first places.

    Attributes:
        pairs: The candidates.
        features: float32 [P, 3 * engines]: of each engine the log of the place (one more than their number for
            what it did not put forward), the score in standard deviations above the person's mean, and the score.
    """

    pairs: Pairs
    features: FloatArray

    def take(self, kept: BoolArray) -> Candidates:
        """Some of the candidates, bool [P]."""
        pairs = Pairs(user=self.pairs.user[kept], column=self.pairs.column[kept], users=self.pairs.users)
        return Candidates(pairs=pairs, features=self.features[kept])


def put_forward(
    scores: Mapping[str, FloatArray],
    depths: Mapping[str, int],
    allowed: BoolArray | None = None,
    nominated: BoolArray | None = None,
) -> Candidates:
    """The best startups of each engine.

    Args:
        scores: Engine -> float32 [B, N]; NaN or -inf where it has nothing to say.
        depths: Engine -> how many startups it puts forward.
        allowed: [B, N] or [N]; False startups are never put forward.
        nominated: [B, N]; True startups are candidates whatever the engines say.
    """
    shape = next(iter(scores.values())).shape
    chosen = np.zeros(shape, dtype=np.bool_) if nominated is None else nominated.copy()
    places = {name: _places(table, depths[name], allowed) for name, table in scores.items()}
    for name, place in places.items():
        chosen |= place <= depths[name]
    pairs = Pairs.of_mask(chosen)
    columns = [column for name in scores for column in _engine_features(scores[name], places[name], pairs)]
    return Candidates(pairs=pairs, features=np.stack(columns, axis=1))


def _places(scores: FloatArray, depth: int, allowed: BoolArray | None) -> FloatArray:
    """float32 [B, N]: the place of each startup from 1, depth + 1 beyond the first `depth`."""
    columns = top_k(scores, depth, allowed).columns
    places = np.full(scores.shape, depth + 1, dtype=np.float32)
    users, ranks = np.nonzero(columns >= 0)
    places[users, columns[users, ranks]] = ranks + 1
    return places


def _engine_features(scores: FloatArray, places: FloatArray, pairs: Pairs) -> tuple[FloatArray, FloatArray, FloatArray]:
    said = np.isfinite(scores)
    count = np.maximum(said.sum(axis=1), 1)
    known = np.where(said, scores, 0.0)
    mean = known.sum(axis=1) / count
    spread = np.sqrt(np.where(said, (known - mean[:, None]) ** 2, 0.0).sum(axis=1) / count)
    score = np.where(said[pairs.user, pairs.column], known[pairs.user, pairs.column], np.nan).astype(np.float32)
    deviation = (score - mean[pairs.user]) / np.where(spread > 0, spread, 1.0)[pairs.user]
    return np.log(places[pairs.user, pairs.column]), deviation.astype(np.float32), score
