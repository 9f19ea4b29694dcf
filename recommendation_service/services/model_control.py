"""What an engineer may do to the models of a running service: try one, let one serve, go back."""

from __future__ import annotations

import time

import structlog

from contracts.api import ModelChange, Models, ModelSummary, ModelValidation
from recommendation_service.engines.errors import EngineError
from recommendation_service.services.errors import NoActiveModelError, UnknownModelError
from recommendation_service.services.ladder import RUNG_FAILURES
from recommendation_service.services.ports import ModelSource
from recommendation_service.services.service_state import serving_version
from recommendation_service.services.snapshot import ServedModel
from recommendation_service.services.snapshot_keeper import SnapshotKeeper

_log = structlog.get_logger(__name__)


class ModelControl:
    """Tells of the versions of a registry, and moves its pointer, each time with a reason, which the keeper follows."""

    def __init__(self, models: ModelSource, keeper: SnapshotKeeper) -> None:
        """Take over the registry, and what serves from it."""
        self._models = models
        self._keeper = keeper

    def models(self) -> Models:
        """Every version, which of them serves, and why another one does not."""
        serving = serving_version(self._keeper.current_or_none())
        try:
            return Models(
                serving=serving,
                active=self._models.active_version(),
                problem=self._keeper.problems.get("model"),
                versions=list(self._models.summaries()),
            )
        except (EngineError, OSError) as error:
            return Models(serving=serving, active=None, problem=str(error), versions=[])

    def active(self) -> ModelSummary:
        """The version that the pointer names.

        Raises:
            NoActiveModelError: If it names none.
            UnknownModelError: If there is no such version any more.
        """
        active = self._models.active_version()
        if active is None:
            raise NoActiveModelError
        return self._known(active)

    def validate(self, version: str) -> ModelValidation:
        """Whether a version could serve: its files, its weights, its scores of the catalogue and of who asked lately.

        What serves stays what it is.

        Raises:
            UnknownModelError: If there is no such version.
        """
        self._known(version)
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
            UnknownModelError: If there is no such version.
            ModelFileError: If it cannot be used or was refused; the pointer then stays.
        """
        self._known(version)
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

    def _known(self, version: str) -> ModelSummary:
        found = next((model for model in self._models.summaries() if model.version == version), None)
        if found is None:
            raise UnknownModelError(version)
        return found

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
        return ModelChange(active=active, previous=previous, serving=serving_version(self._keeper.current_or_none()))
