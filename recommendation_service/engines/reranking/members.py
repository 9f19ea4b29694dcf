"""The engines an ensemble is made of, and how each comes back from a model file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from torch import Tensor

from recommendation_service.engines.als import AlsRecommender
from recommendation_service.engines.config_checks import require
from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.item_knn import ItemKnnConfig, ItemKnnRecommender
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.reranking.platform_memory import PlatformMemory
from recommendation_service.engines.trending import TrendingRecommender
from recommendation_service.engines.types import TrainingData


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One engine of an ensemble.

    Attributes:
        make: Makes the engine, not yet fitted.
        depth: How many startups it puts forward for each person.
    """

    make: Callable[[], Recommender]
    depth: int = 50

    def __post_init__(self) -> None:
        require(self.depth >= 1, f"depth must be at least 1, got {self.depth}")


STORED: Mapping[str, type[AlsRecommender] | type[ItemKnnRecommender]] = MappingProxyType(
    {"als": AlsRecommender, "item_knn": ItemKnnRecommender}
)
"""Engines whose state lies in the ensemble's file, by name."""

RELEARNED: Mapping[str, type[Recommender]] = MappingProxyType(
    {"content_based": ContentBasedRecommender, "trending": TrendingRecommender}
)
"""Engines that learn so fast, and from likes alone, that the ensemble's memory is all they need."""


def default_members() -> dict[str, Member]:
    """Content for reach (new startups), neighbours of all and of recent likes, and factors."""
    recent = ItemKnnConfig(half_life_days=730.0, user_power=0.3)
    return {
        "content_based": Member(make=ContentBasedRecommender, depth=200),
        "item_knn": Member(make=ItemKnnRecommender),
        "item_knn_recent": Member(make=lambda: ItemKnnRecommender(recent)),
        "als": Member(make=AlsRecommender),
    }


def fit_member(engine: Recommender, data: TrainingData, memory: PlatformMemory) -> Recommender:
    """Fit an engine on the data; one that is not stored learns from the memory, as it will when loaded."""
    return engine.fit(memory.data if engine.name in RELEARNED else data)


def restore(
    engine: str, tensors: Mapping[str, Tensor], description: Mapping[str, Any], memory: PlatformMemory
) -> Recommender:
    """An engine from its state, or from the memory.

    Raises:
        ModelFileError: If the engine is none that can be restored, or its state does not fit.
    """
    if engine in RELEARNED:
        return RELEARNED[engine]().fit(memory.data)
    if engine not in STORED:
        raise ModelFileError(f"the ensemble needs a fitted engine {engine!r}, which its file does not hold; hand it in")
    return STORED[engine].from_state(tensors, description)
