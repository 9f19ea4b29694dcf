"""A platform of any size that costs no database: records with random texts and facets, pairs with long-tailed taste."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from contracts.dataset import EMBEDDING_DIM
from contracts.interactions import SAMPLED_NEGATIVE, InteractionType
from recommendation_service.engines.types import (
    INTERACTION_KINDS,
    Interactions,
    Location,
    StartupRecord,
    TrainingData,
    UserRecord,
)

NEGATIVES = 2
"""Drawn for each positive, as the export does by default."""
_OPENED = datetime(2024, 1, 1, tzinfo=UTC)
_CATEGORIES = tuple(f"category-{number}" for number in range(20))
_TAGS = tuple(f"tag-{number}" for number in range(60))
_CITIES = tuple(f"city-{number}" for number in range(40))
_ROLES = ("student", "investor", "entrepreneur")
_MICROSECONDS = 365 * 86_400 * 1_000_000


def synthetic_platform(*, users: int, startups: int, pairs: int, seed: int) -> TrainingData:
    """People, startups and labelled pairs: one positive in three, startups drawn with a long tail.

    Args:
        users: People; each acts equally often in expectation.
        startups: Startups.
        pairs: Labelled pairs, rounded down to a multiple of `NEGATIVES` + 1.
        seed: Of everything drawn.
    """
    rng = np.random.default_rng(seed)
    return TrainingData(
        users=_people(users, rng),
        startups=_ventures(startups, rng),
        interactions=_pairs(users, startups, pairs // (NEGATIVES + 1), rng),
    )


def _people(count: int, rng: np.random.Generator) -> list[UserRecord]:
    texts = _texts(count, rng)
    category, tag, city = (rng.integers(len(values), size=count) for values in (_CATEGORIES, _TAGS, _CITIES))
    return [
        UserRecord(
            id=f"user-{row}",
            role=_ROLES[row % len(_ROLES)],
            categories=(_CATEGORIES[category[row]],),
            tags=(_TAGS[tag[row]], _TAGS[tag[row] - 1]),
            location=Location(city=_CITIES[city[row]]),
            embedding=texts[row],
        )
        for row in range(count)
    ]


def _ventures(count: int, rng: np.random.Generator) -> list[StartupRecord]:
    texts = _texts(count, rng)
    category, tag, city = (rng.integers(len(values), size=count) for values in (_CATEGORIES, _TAGS, _CITIES))
    return [
        StartupRecord(
            id=f"startup-{row}",
            opened_at=_OPENED,
            category=_CATEGORIES[category[row]],
            tags=(_TAGS[tag[row]], _TAGS[tag[row] - 1]),
            location=Location(city=_CITIES[city[row]]),
            embedding=texts[row],
        )
        for row in range(count)
    ]


def _texts(count: int, rng: np.random.Generator) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    texts = rng.standard_normal((count, EMBEDDING_DIM), dtype=np.float32)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    return texts


def _pairs(users: int, startups: int, positives: int, rng: np.random.Generator) -> Interactions:
    """A positive and its negatives share their user and moment, as in an exported dataset."""
    of_each = NEGATIVES + 1
    tail = 1 / np.arange(1, startups + 1) ** 0.7
    startup = rng.integers(startups, size=(positives, of_each))
    startup[:, 0] = rng.choice(startups, size=positives, p=tail / tail.sum())
    is_positive = np.zeros((positives, of_each), dtype=np.bool_)
    is_positive[:, 0] = True
    like, sampled = INTERACTION_KINDS.index(InteractionType.LIKE), INTERACTION_KINDS.index(SAMPLED_NEGATIVE)
    return Interactions(
        user=np.repeat(rng.integers(users, size=positives), of_each).astype(np.int32),
        startup=startup.ravel().astype(np.int32),
        label=np.where(is_positive, 0.8, 0.0).astype(np.float32).ravel(),
        weight=np.where(is_positive, 1.0, 0.5).astype(np.float32).ravel(),
        kind=np.where(is_positive, like, sampled).astype(np.int8).ravel(),
        time=np.repeat(np.sort(rng.integers(_MICROSECONDS, size=positives)), of_each).astype(np.int64),
    )
