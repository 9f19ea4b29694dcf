"""Keeps the snapshot fresh: looks for changes every couple of seconds, builds beside the old one, swaps whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

import structlog

from recommendation_service.engines.types import UserState
from recommendation_service.services.asked_people import AskedPeople
from recommendation_service.services.errors import NotReadyError, ServiceError
from recommendation_service.services.ladder import RUNG_FAILURES
from recommendation_service.services.ports import ModelSource, PlatformDatabase, RecentPair
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot import (
    ServedModel,
    Snapshot,
    build_snapshot,
    require_answers,
    with_model,
    with_trends,
)

REFRESH_FAILURES = (ServiceError, OSError, *RUNG_FAILURES)
"""What a refresh may fail with; the old snapshot then goes on serving."""

Clock = Callable[[], datetime]
_log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """The moment, timezone-aware."""
    return datetime.now(UTC)


class SnapshotKeeper:
    """Owns the current snapshot.

    Attributes:
        problems: What is wrong now, by `catalogue` and `model`; empty when all is well.
        serving_since: When the model that serves took over; None without one.
    """

    def __init__(
        self, database: PlatformDatabase, models: ModelSource, options: ServingOptions, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._models = models
        self._options = options
        self._clock = clock
        self._refreshing = Lock()
        self._stopped = Event()
        self._wake = Event()
        self._asked = AskedPeople()
        self._thread: Thread | None = None
        self._snapshot: Snapshot | None = None
        self._model: ServedModel | None = None
        self._schema_fits = False
        self._version: Hashable = None
        self._read_at = self._counted_at = self._confirmed_at = datetime.min.replace(tzinfo=UTC)
        self.problems: Mapping[str, str] = {}
        self.serving_since: datetime | None = None

    def start(self) -> None:
        """Refresh now, then go on in a thread of its own until `stop`."""
        self.refresh()
        self._thread = Thread(target=self._keep_refreshing, name="snapshot-keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopped.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def running(self) -> bool:
        """Whether the thread keeps the snapshot fresh."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def age(self) -> timedelta | None:
        """How long ago the catalogue was last known to be what the database holds; None without a snapshot."""
        return None if self._snapshot is None else self._clock() - self._confirmed_at

    def current(self) -> Snapshot:
        """The snapshot to answer from; without a thread the first call reads it.

        Raises:
            NotReadyError: If none could be read yet.
        """
        if self._snapshot is None and not self.running:
            self.refresh()
        snapshot = self._snapshot
        if snapshot is None:
            raise NotReadyError(f"the catalogue could not be read yet: {'; '.join(self.problems.values())}")
        return snapshot

    def current_or_none(self) -> Snapshot | None:
        """The snapshot as it is."""
        return self._snapshot

    def hint(self, startup_ids: Collection[str] = ()) -> None:
        """Look at the platform at once rather than at the next poll; returns without waiting for it."""
        _log.debug("refresh_hinted", startups=len(startup_ids))
        self._wake.set()

    def asked(self, state: UserState) -> None:
        """Remember who asked, so that a new model can be tried on them before it serves."""
        self._asked.remember(state)

    def refresh(self) -> None:
        """Take over what changed in the database and the model registry; failures end up in `problems`."""
        with self._refreshing:
            self._attempt("model", self._refresh_model)
            self._attempt("catalogue", self._refresh_catalogue)

    def try_model(self, model: ServedModel) -> None:
        """Let a model score the catalogue and those who asked lately, beside what serves.

        Raises:
            EngineError: If it cannot.
            NotReadyError: If there is no catalogue yet.
        """
        require_answers(with_model(self.current(), model), self._asked.states())

    def _keep_refreshing(self) -> None:
        while not self._stopped.is_set():
            self._wake.wait(self._options.refresh_interval.total_seconds())
            self._wake.clear()
            if not self._stopped.is_set():
                self.refresh()

    def _attempt(self, what: str, step: Callable[[], None]) -> None:
        try:
            step()
        except REFRESH_FAILURES as error:
            self._report(what, str(error) or repr(error))
        else:
            self._report(what, None)

    def _report(self, what: str, problem: str | None) -> None:
        if problem == self.problems.get(what):
            return
        others = {name: text for name, text in self.problems.items() if name != what}
        self.problems = others if problem is None else {**others, what: problem}
        if problem is None:
            _log.info("refresh_recovered", what=what)
        else:
            _log.error("refresh_failed", what=what, problem=problem)

    def _refresh_model(self) -> None:
        """Load the active version beside the old one; only a model that scores the catalogue takes over."""
        wanted = self._models.active_version()
        if wanted == (self._model.version if self._model else None):
            return
        model = None if wanted is None else ServedModel(version=wanted, learned=self._models.load(wanted))
        if self._snapshot is not None:
            changed = with_model(self._snapshot, model)
            require_answers(changed, self._asked.states())
            self._snapshot = changed
        self._model = model
        self.serving_since = None if model is None else self._clock()
        _log.info("model_switched", version=wanted)

    def _refresh_catalogue(self) -> None:
        """After any failure the schema is checked again, so that the cause is named."""
        if not self._schema_fits:
            self._database.require_schema()
        self._schema_fits = False
        self._read_what_changed(self._clock())
        self._schema_fits = True

    def _read_what_changed(self, now: datetime) -> None:
        version = self._database.catalogue_version(now)
        reload_due = now - self._read_at >= self._options.reload_interval
        if self._snapshot is None or version != self._version or reload_due:
            self._read_catalogue(now, version)
        elif now - self._counted_at >= self._options.trend_interval:
            self._snapshot = with_trends(self._snapshot, self._recent_pairs(), self._options)
            self._counted_at = now
        self._confirmed_at = now

    def _read_catalogue(self, now: datetime, version: Hashable) -> None:
        opened = self._database.open_startups(now)
        self._snapshot = self._with_current_model(build_snapshot(opened, self._recent_pairs(), self._options, now))
        self._version, self._read_at, self._counted_at = version, now, now
        _log.info("catalogue_read", startups=len(opened.startups), invalid_embeddings=opened.invalid_embeddings)

    def _with_current_model(self, snapshot: Snapshot) -> Snapshot:
        """A model that cannot score the new catalogue is dropped, and loaded anew at the next refresh."""
        try:
            return with_model(snapshot, self._model)
        except RUNG_FAILURES as error:
            self._report("model", str(error) or repr(error))
            self._model = None
            return snapshot

    def _recent_pairs(self) -> Sequence[RecentPair]:
        return self._database.recent_pairs(self._options.trend_window, self._options.trend_most_acts)
