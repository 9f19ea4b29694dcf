"""What the history towers learn by counting, before their weights are trained: vocabulary, rarities, means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_matrix

from recommendation_service.engines.content_facets import Facet, startup_facets
from recommendation_service.engines.entity_encoding import text_block
from recommendation_service.engines.facet_vocabulary import FacetVocabulary
from recommendation_service.engines.history_config import HistoryConfig
from recommendation_service.engines.history_encoder import HistoryEncoder
from recommendation_service.engines.history_network import HistoryConstants
from recommendation_service.engines.history_sides import GATES, PeopleSide, StartupSide
from recommendation_service.engines.moment_facets import moment_facets
from recommendation_service.engines.types import FloatArray, StartupRecord, TrainingData, UserRecord

_RAREST, _COMMONEST, _USUAL = 8.0, 0.1, 3.0
"""Bounds of a facet's rarity, and the rarity that counts as 1."""


def fit_history_encoder(
    config: HistoryConfig, data: TrainingData, *, text_width: int, end: datetime, half_life_days: float
) -> HistoryEncoder:
    """Vocabulary and means from the people and startups that occur in the rows of `data`, and from no others.

    Args:
        config: The settings.
        data: Records and rows.
        text_width: Width of a text embedding.
        end: The moment up to which the rows reach.
        half_life_days: After so many days an act counts half among the recent ones.
    """
    startups = [data.startups[row] for row in np.unique(data.interactions.startup)]
    users = [data.users[row] for row in np.unique(data.interactions.user)]
    facets: list[list[Facet]] = [[*startup_facets(startup), *moment_facets(startup, end)] for startup in startups]
    vocabulary = FacetVocabulary.fit(facets, min_count=config.min_facet_count, most=config.most_facets)
    return HistoryEncoder(
        vocabulary=vocabulary,
        roles=tuple(sorted({user.role for user in users})),
        startup_text=_mean_text(startups, text_width),
        user_text=_mean_text(users, text_width),
        half_life_days=half_life_days,
    )


def history_constants(
    encoder: HistoryEncoder, acts: csr_matrix, sides: Sequence[tuple[PeopleSide, StartupSide]], *, ids: int
) -> HistoryConstants:
    """What the network is built around.

    Args:
        encoder: The fitted encoder.
        acts: float32 [E, V], the facets that startups had when people acted on them.
        sides: Of every episode.
        ids: How many startups were acted on.
    """
    numbers = np.concatenate([startups.numbers for _, startups in sides])
    likes = np.concatenate([people.gates[:, GATES.index("likes")] for people, _ in sides])
    gates_mean = torch.zeros(len(GATES))
    gates_mean[GATES.index("likes")] = float(likes.mean())
    return HistoryConstants(
        kind_of=torch.from_numpy(encoder.vocabulary.kind_of),
        rarity=torch.from_numpy(_rarity(acts)),
        numbers_mean=torch.from_numpy(numbers.mean(axis=0)),
        numbers_deviation=torch.from_numpy(numbers.std(axis=0) + np.float32(1e-2)),
        gates_mean=gates_mean,
        audience_deviation=torch.from_numpy(_audience_deviation(*sides[0])),
        roles=len(encoder.roles),
        ids=ids,
    )


def _audience_deviation(people: PeopleSide, startups: StartupSide) -> FloatArray:
    """float32 [2]: standard deviation of the likeness of audiences over an episode, above 0."""
    likeness = [(table @ startups.audience.T).toarray() for table in people.audience]
    return np.array([table.std() + np.float32(1e-6) for table in likeness], dtype=np.float32)


def _rarity(acts: csr_matrix) -> FloatArray:
    """float32 [V]: -log of the smoothed share of acts on startups with the facet, scaled."""
    counts = np.bincount(acts.indices, minlength=acts.shape[1])
    rarity: npt.NDArray[np.float64] = np.log((acts.shape[0] + 10.0) / (counts + 1.0))
    return (np.clip(rarity, _COMMONEST, _RAREST) / _USUAL).astype(np.float32)


def _mean_text(records: Sequence[StartupRecord] | Sequence[UserRecord], width: int) -> FloatArray:
    """float32 [T]: mean of the unit texts; zeros where nobody has one."""
    texts, missing, invalid = text_block([record.embedding for record in records], width)
    texts = texts[~(missing | invalid) & texts.any(axis=1)]
    if not len(texts):
        return np.zeros(width, dtype=np.float32)
    mean: FloatArray = (texts / np.linalg.norm(texts, axis=1, keepdims=True)).mean(axis=0)
    return mean
