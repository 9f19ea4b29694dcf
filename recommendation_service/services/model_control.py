"""What an engineer may do to the models of a running service: try one, let one serve, go back."""

from __future__ import annotations

import time

import structlog

from contracts.api import ModelChange, Models, ModelSummary, ModelValidation
from recommendation_service.engines.errors import EngineError
from recommendation_service.services.errors import NoActiveModelError, ServiceError, UnknownModelError
from recommendation_service.services.ladder import RUNG_FAILURES
from recommendation_service.services.model_texts import require_readable_texts, unreadable_texts
from recommendation_service.services.ports import ModelSource, PlatformDatabase
from recommendation_service.services.service_state import serving_version
from recommendation_service.services.snapshot import ServedModel
from recommendation_service.services.snapshot_keeper import SnapshotKeeper, utc_now

TRIAL_FAILURES = (ServiceError, *RUNG_FAILURES, OSError, MemoryError)
"""What a version may fail with while it is tried."""

_log = structlog.get_logger(__name__)


class ModelControl:
    """Tells of the versions of a registry, and moves its pointer, each time with a reason, which the keeper follows."""

    def __init__(self, models: ModelSource, keeper: SnapshotKeeper, database: PlatformDatabase) -> None:
        """Take over the registry, what serves from it, and the platform's records."""
        self._models = models
        self._keeper = keeper
        self._database = database

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

        It is tried as it would be before it takes over, on a catalogue with texts of the encoder it was trained on;
        what serves stays what it is.

        Raises:
            UnknownModelError: If there is no such version.
        """
        self._known(version)
        started = time.perf_counter()
        problem, warning = self._tried(version)
        return ModelValidation(
            version=version,
            valid=problem is None,
            problem=problem,
            warning=warning,
            seconds=round(time.perf_counter() - started, 3),
        )

    def activate(self, version: str, *, reason: str, force: bool = False) -> ModelChange:
        """Let a version serve, which takes over within moments.

        Args:
            version: Its name.
            reason: Why; kept in the log.
            force: Even though its own training refused it, or no open startup has a text that it can read: it then
                takes over as soon as one has.

        Raises:
            UnknownModelError: If there is no such version.
            ModelFileError: If it cannot be used or was refused, or if every text is by another encoder than the one
                it was trained on; the pointer then stays.
        """
        known = self._known(version)
        if not force:
            self._require_readable_texts(known)
        previous = self._models.active_version()
        self._models.activate(version, force=force)
        return self._changed("model_activated", previous, reason)

    def rollback(self, *, reason: str, seen: str | None = None) -> ModelChange:
        """Return to the version that was active before.

        Args:
            reason: Why; kept in the log.
            seen: The version that was active when this was decided, empty for none; None for whichever is.

        Raises:
            ActiveModelMovedError: If another version than `seen` is active by now; the pointer then stays.
            ModelFileError: If there was none, or it cannot be used any more; the pointer then stays.
        """
        previous = self._models.active_version()
        self._models.rollback(seen=seen)
        return self._changed("model_rolled_back", previous, reason)

    def _known(self, version: str) -> ModelSummary:
        found = next((model for model in self._models.summaries() if model.version == version), None)
        if found is None:
            raise UnknownModelError(version)
        return found

    def _require_readable_texts(self, model: ModelSummary) -> None:
        """A database that does not answer hinders nobody: before it takes over a version is tried all the same."""
        try:
            texts = self._database.text_counts(utc_now())
        except ServiceError as error:
            _log.warning("texts_not_counted", version=model.version, error=str(error))
            return
        require_readable_texts(model.version, model.encoder, texts)

    def _tried(self, version: str) -> tuple[str | None, str | None]:
        """Why the version could not serve, and what it would not see if it did."""
        try:
            model = ServedModel(version=version, learned=self._models.load(version))
            snapshot = self._keeper.try_model(model)
        except TRIAL_FAILURES as error:
            return str(error) or repr(error), None
        unreadable = len(snapshot.foreign) + len(snapshot.unusable)
        startups = snapshot.catalogue.size
        return None, unreadable_texts(version, model.learned.encoder, unreadable=unreadable, startups=startups)

    def _changed(self, event: str, previous: str | None, reason: str) -> ModelChange:
        active = self._models.active_version()
        _log.warning(event, active=active, previous=previous, reason=reason)
        self._keeper.hint()
        return ModelChange(active=active, previous=previous, serving=serving_version(self._keeper.current_or_none()))
