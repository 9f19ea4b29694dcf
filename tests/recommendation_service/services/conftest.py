"""Engines and models that do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pytest

from contracts.api import ModelStatus, ModelSummary, Rung
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState
from recommendation_service.services.ports import LearnedModel, NoModels
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot_keeper import SnapshotKeeper
from tests.recommendation_service.services.snapshot_keeping import ChangingDatabase, Clock


class ToldScorer(Scorer):
    """Scores by a function of the number of startups."""

    def __init__(self, catalogue: Catalogue, scores: Callable[[int], FloatArray]) -> None:
        super().__init__(catalogue)
        self._scores = scores

    def score(self, users: Sequence[UserState]) -> FloatArray:
        return np.broadcast_to(self._scores(len(self.catalogue)), (len(users), len(self.catalogue)))


class ToldRecommender(Recommender):
    """Ranks by column unless told otherwise."""

    name: ClassVar[str] = "two_tower"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, scores: Callable[[int], FloatArray] = lambda n: -np.arange(n, dtype=np.float32)) -> None:
        self._scores = scores

    def fit(self, data: TrainingData) -> Self:
        return self

    def bind(self, catalogue: Catalogue) -> ToldScorer:
        return ToldScorer(catalogue, self._scores)


class ToldModels:
    """A model registry in memory."""

    def __init__(self, **models: Recommender | LearnedModel | Exception) -> None:
        self.models = models
        self.active: str | None = next(iter(models), None)
        self.broken: Exception | None = None
        self.loads: list[str] = []
        self.before: str | None = None

    def active_version(self) -> str | None:
        if self.broken is not None:
            raise self.broken
        return self.active

    def load(self, version: str) -> LearnedModel:
        self.loads.append(version)
        if version not in self.models:
            raise ModelFileError(f"there is no version {version}")
        model = self.models[version]
        if isinstance(model, Exception):
            raise model
        return model if isinstance(model, LearnedModel) else LearnedModel(engines={Rung.TWO_TOWER: model})

    def fingerprint(self, version: str) -> int:
        """Another one after `models` names another model."""
        return id(self.models.get(version))

    def activate(self, version: str, *, force: bool) -> None:
        self.load(version)
        self.before, self.active = self.active, version

    def rollback(self, *, seen: str | None = None) -> str:
        del seen
        if self.before is None:
            raise ModelFileError("there was no version before")
        self.before, self.active = self.active, self.before
        return self.before

    def summaries(self) -> Sequence[ModelSummary]:
        return [
            ModelSummary(version=version, status=ModelStatus.AVAILABLE, encoder=getattr(model, "encoder", None))
            for version, model in self.models.items()
        ]


@pytest.fixture
def told_recommender() -> type[ToldRecommender]:
    return ToldRecommender


@pytest.fixture
def told_models() -> type[ToldModels]:
    return ToldModels


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper_of(fake_database: Any, clock: Clock) -> Callable[..., SnapshotKeeper]:
    def keeper(models: Any = None, **options: Any) -> SnapshotKeeper:
        made = SnapshotKeeper(fake_database, models or NoModels(), ServingOptions(**options), clock)
        made.refresh()
        return made

    return keeper


@pytest.fixture
def changing(fake_database: Any) -> ChangingDatabase:
    return ChangingDatabase(fake_database)
