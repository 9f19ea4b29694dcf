"""The model registry as the service's source of learned models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from contracts.api import ModelSummary
from recommendation_service.engines.model_registry import ModelRegistry, RegisteredModel
from recommendation_service.engines.recommender import Recommender

MODELS_FOLDER = Path(__file__).resolve().parents[1] / "models"
"""Where `train_two_tower.py` saves models unless told otherwise."""


class RegisteredModels:
    """The versions of one models folder, which need not exist yet."""

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._registry = ModelRegistry(folder)

    def active_version(self) -> str | None:
        """The version that the pointer names; None when none was activated."""
        return self._registry.active()

    def load(self, version: str) -> Recommender:
        """A verified model, ready to be bound."""
        return self._registry.load_recommender(version)

    def summaries(self) -> Sequence[ModelSummary]:
        """Every version in the folder, oldest first."""
        return [_summary(model) for model in self._registry.versions()]


def _summary(model: RegisteredModel) -> ModelSummary:
    manifest = model.manifest
    return ModelSummary(
        version=model.version,
        status=model.status,
        problem=model.problem,
        created_at=None if manifest is None else manifest.created_at,
        preset=None if manifest is None else manifest.config.get("preset"),
        metrics={} if manifest is None else manifest.metrics,
    )
