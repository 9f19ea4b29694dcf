"""What an engineer may do to the models of a running service: try one, let one serve, go back."""

from __future__ import annotations

import time
from typing import Protocol

import structlog

from contracts.api import ModelChange, ModelValidation
from recommendation_service.services.ladder import RUNG_FAILURES
from recommendation_service.services.ports import LearnedModel
from recommendation_service.services.snapshot import ServedModel, Snapshot
from recommendation_service.services.snapshot_keeper import SnapshotKeeper

_log = structlog.get_logger(__name__)


class ManagedModels(Protocol):
    """A registry whose pointer may be moved. Every method raises `ModelFileError` for what cannot be done."""

    def active_version(self) -> str | None:
        """The version that the pointer names."""

    def load(self, version: str) -> LearnedModel:
        """All that a version holds, verified."""

    def activate(self, version: str, *, force: bool) -> None:
        """Let the pointer name a version, which is proved first."""

    def rollback(self) -> str:
        """Let the pointer name the version it named before, and say which."""


class ModelControl:
    """Moves the pointer of a registry, each time with a reason, and tells the keeper to follow it."""

    def __init__(self, models: ManagedModels, keeper: SnapshotKeeper) -> None:
        """Take over the registry, and what serves from it."""
        self._models = models
        self._keeper = keeper

    def validate(self, version: str) -> ModelValidation:
        """Whether a version could serve: its files, its weights, its scores of the catalogue and of who asked lately.

        What serves stays what it is.
        """
        started = time.perf_counter()
        problem = self._problem(version)
        return ModelValidation(
            version=version,
            valid=problem is None,
            problem=problem,
            seconds=round(time.perf_counter() - started, 3),
        )

    def activate(self, version: str, *, reason: str, force: bool = False) -> ModelChange:
        """Let a version serve, which takes over within moments.

        Args:
            version: Its name.
            reason: Why; kept in the log.
            force: Even though its own training refused it.

        Raises:
            ModelFileError: If it cannot be used or was refused; the pointer then stays.
        """
        previous = self._models.active_version()
        self._models.activate(version, force=force)
        return self._changed("model_activated", previous, reason)

    def rollback(self, *, reason: str) -> ModelChange:
        """Return to the version that was active before.

        Raises:
            ModelFileError: If there was none, or it cannot be used any more; the pointer then stays.
        """
        previous = self._models.active_version()
        self._models.rollback()
        return self._changed("model_rolled_back", previous, reason)

    def _problem(self, version: str) -> str | None:
        """Why the version could not serve, or None."""
        try:
            self._keeper.try_model(ServedModel(version=version, learned=self._models.load(version)))
        except (*RUNG_FAILURES, OSError) as error:
            return str(error) or repr(error)
        return None

    def _changed(self, event: str, previous: str | None, reason: str) -> ModelChange:
        active = self._models.active_version()
        _log.warning(event, active=active, previous=previous, reason=reason)
        self._keeper.hint()
        return ModelChange(active=active, previous=previous, serving=_serving(self._keeper.current_or_none()))


def _serving(snapshot: Snapshot | None) -> str | None:
    return snapshot.model.version if snapshot and snapshot.model else None
