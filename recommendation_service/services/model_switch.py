"""Follows the pointer to the active model: loads and tries a version beside the one that serves, then hands it over."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from contracts.api import Rung
from recommendation_service.engines.types import UserState
from recommendation_service.services.background_job import BackgroundJob
from recommendation_service.services.catalogue_following import CatalogueRead
from recommendation_service.services.errors import ServiceError
from recommendation_service.services.ladder import RUNG_FAILURES
from recommendation_service.services.ports import ModelSource
from recommendation_service.services.snapshot import (
    RungEngine,
    ServedModel,
    Snapshot,
    tried_engines,
)
from recommendation_service.services.text_encoders import are_comparable

SWITCH_FAILURES = (ServiceError, *RUNG_FAILURES, OSError, MemoryError)
"""What a model may fail with while it is loaded or tried."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadyModel:
    """A version that has proved that it can serve; both None where none is wanted.

    Attributes:
        learned: Its engines, bound to the catalogue that they were tried on.
        read: That catalogue, where it was read anew because the one that serves has texts of another encoder.
    """

    model: ServedModel | None
    learned: Mapping[Rung, RungEngine]
    read: CatalogueRead | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """Why a version does not serve, and until when it is not tried again unless something changed."""

    of: Hashable
    problem: str
    retry_at: datetime


class ModelSwitch:
    """The one version that is being made ready, and what became of the last one."""

    def __init__(
        self,
        models: ModelSource,
        read_catalogue: Callable[[str | None], CatalogueRead],
        *,
        retry_after: timedelta,
        wake: Callable[[], None],
    ) -> None:
        """Take over the source.

        Args:
            models: Where versions come from.
            read_catalogue: Reads the catalogue anew with texts of an encoder; nothing else changes by it.
            retry_after: How long a version that failed is left alone while no file of it changes and the catalogue is
                not read anew.
            wake: Called when a version that was made ready apart has ended.
        """
        self._models = models
        self._read_catalogue = read_catalogue
        self._retry_after = retry_after
        self._wake = wake
        self._job: BackgroundJob[ReadyModel] | None = None
        self._of: Hashable = None
        self._failure: _Failure | None = None

    @property
    def problem(self) -> str | None:
        """Why the version that the pointer names does not serve."""
        return None if self._failure is None else self._failure.problem

    def fail(self, version: str, generation: int, problem: str, now: datetime) -> None:
        """Leave a version alone that served until it failed on a new catalogue."""
        key = (version, self._models.fingerprint(version), generation)
        self._failure = _Failure(of=key, problem=problem, retry_at=now + self._retry_after)

    def look(
        self,
        serving: str | None,
        snapshot: Snapshot | None,
        generation: int,
        people: Sequence[UserState],
        now: datetime,
        *,
        apart: bool,
    ) -> ReadyModel | None:
        """What should take over now, if anything; begins to make ready what the pointer names.

        Args:
            serving: The version that serves.
            snapshot: What a version is tried on; None where there is none yet, so that it is only loaded.
            generation: Of its catalogue: a version made ready before it was read anew is made ready again.
            people: Who asked lately.
            now: The moment.
            apart: Make it ready in a thread of its own, and hand it over at a later look.

        Raises:
            EngineError, OSError: If the pointer cannot be read.
        """
        wanted = self._models.active_version()
        if wanted == serving:
            self._job = self._failure = None
            return None
        if wanted is None:
            self._job = self._failure = None
            return ReadyModel(model=None, learned={})
        key = (wanted, self._models.fingerprint(wanted), generation)
        if self._job is None or self._of != key:
            if self._failure is not None and self._failure.of == key and now < self._failure.retry_at:
                return None
            self._of = key
            self._job = BackgroundJob(lambda: self._ready(wanted, snapshot, people), then=self._wake, apart=apart)
        return self._taken(wanted, now) if self._job.done else None

    def _ready(self, version: str, snapshot: Snapshot | None, people: Sequence[UserState]) -> ReadyModel:
        model = ServedModel(version=version, learned=self._models.load(version))
        return ReadyModel(model=model, learned={}) if snapshot is None else self._tried(model, snapshot, people)

    def _tried(self, model: ServedModel, snapshot: Snapshot, people: Sequence[UserState]) -> ReadyModel:
        read = None
        if not are_comparable(model.learned.encoder, snapshot.encoder):
            read = self._read_catalogue(model.learned.encoder)
            snapshot = read.snapshot
        return ReadyModel(model=model, learned=tried_engines(model, snapshot, people), read=read)

    def _taken(self, version: str, now: datetime) -> ReadyModel | None:
        """The result of the job, which is over with that."""
        job, self._job = self._job, None
        if job is None:
            return None
        try:
            ready = job.result()
        except SWITCH_FAILURES as error:
            problem = str(error) or repr(error)
            self._failure = _Failure(of=self._of, problem=problem, retry_at=now + self._retry_after)
            _log.error("model_refused", version=version, problem=problem)
            return None
        self._failure = None
        return ready
