"""Keeps the snapshot fresh: looks for changes every couple of seconds, builds beside the old one, swaps whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

import structlog

from recommendation_service.engines.types import UserState
from recommendation_service.services.asked_people import AskedPeople
from recommendation_service.services.background_job import BackgroundJob
from recommendation_service.services.catalogue_following import CatalogueFollowing
from recommendation_service.services.errors import NotReadyError, ServiceError
from recommendation_service.services.ladder import RUNG_FAILURES
from recommendation_service.services.memory import give_back
from recommendation_service.services.model_switch import ModelSwitch
from recommendation_service.services.ports import CatalogueStore, ModelSource, NoCatalogueStore, PlatformDatabase
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot import (
    ServedModel,
    Snapshot,
    tried_engines,
    with_engines,
    with_model,
)
from recommendation_service.services.text_encoders import are_comparable

REFRESH_FAILURES = (ServiceError, OSError, *RUNG_FAILURES)
"""What a refresh may fail with; the old snapshot then goes on serving."""

START_SECONDS = 10.0
"""The longest that a start waits for the database: one that hangs must not keep the service from saying so."""

Clock = Callable[[], datetime]
_log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """The moment, timezone-aware."""
    return datetime.now(UTC)


class SnapshotKeeper:
    """Owns the current snapshot.

    Attributes:
        problems: What is wrong now, by `catalogue`, `model`, `saved_catalogue`, `state` and `refresh`; empty when all
            is well.
        serving_since: When the model that serves took over; None without one.
    """

    def __init__(
        self,
        database: PlatformDatabase,
        models: ModelSource,
        options: ServingOptions,
        clock: Clock = utc_now,
        store: CatalogueStore | None = None,
    ) -> None:
        self._options = options
        self._clock = clock
        self._store = store or NoCatalogueStore()
        self._refreshing = Lock()
        self._stopped = Event()
        self._wake = Event()
        self._thread: Thread | None = None
        self._asked = AskedPeople()
        self._following = CatalogueFollowing(database, self._store, options, wake=self._wake.set)
        self._switch = ModelSwitch(
            models,
            lambda encoder: self._following.read(encoder, clock()),
            retry_after=options.model_retry_interval,
            wake=self._wake.set,
        )
        self._snapshot: Snapshot | None = None
        self._model: ServedModel | None = None
        self.problems: Mapping[str, str] = {}
        self.serving_since: datetime | None = None

    def start(self) -> None:
        """Serve what was saved if anything, refresh now, then go on in a thread of its own until `stop`."""
        with self._refreshing:
            self._attempt("saved_catalogue", self._serve_saved)
        apart = self._snapshot is not None
        first = BackgroundJob(lambda: self._refresh(apart=apart), then=lambda: None, apart=True)
        if first.ends_within(START_SECONDS):
            first.result()
        else:
            self._report(
                "catalogue",
                f"it could not be read from the platform's database within {START_SECONDS:g} s; still asking",
            )
        give_back()
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
        return None if self._snapshot is None else self._clock() - self._following.confirmed_at

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
        self._refresh(apart=self.running)

    def _refresh(self, *, apart: bool) -> None:
        """Refresh, and read everything anew, where that is due, in a thread apart or before this returns."""
        with self._refreshing:
            self._attempt("model", self._refresh_model)
            self._attempt("catalogue", lambda: self._refresh_catalogue(apart=apart))
            self._report("state", self._store.problem)

    def try_model(self, model: ServedModel) -> Snapshot:
        """Let a model score the catalogue and those who asked lately, beside what serves, as before it takes over.

        Returns:
            What it was tried on: what serves, or a catalogue read anew with texts of the model's encoder.

        Raises:
            EngineError: If it cannot.
            ServiceError: If there is no catalogue yet, or it cannot be read anew.
        """
        snapshot, encoder = self.current(), model.learned.encoder
        if not are_comparable(encoder, snapshot.encoder):
            snapshot = self._following.read(encoder, self._clock(), keep=False).snapshot
        tried_engines(model, snapshot, self._asked.states())
        return snapshot

    def _keep_refreshing(self) -> None:
        while not self._stopped.is_set():
            self._wake.wait(self._options.refresh_interval.total_seconds())
            self._wake.clear()
            if not self._stopped.is_set():
                self._refresh_whatever_happens()

    def _refresh_whatever_happens(self) -> None:
        """A thread that ended by a mistake of ours would leave the catalogue as it is for ever, without a word."""
        try:
            self.refresh()
        except Exception as error:  # noqa: BLE001 - told, and tried again
            _log.exception("refresh_broke_off")
            self._report("refresh", f"it broke off by {error!r}, which the log tells more about")
        else:
            self._report("refresh", None)

    def _attempt(self, what: str, step: Callable[[], str | None]) -> None:
        """Take a step, which returns what is wrong or raises it."""
        try:
            problem = step()
        except REFRESH_FAILURES as error:
            problem = str(error) or repr(error)
        self._report(what, problem)

    def _report(self, what: str, problem: str | None) -> None:
        if problem == self.problems.get(what):
            return
        others = {name: text for name, text in self.problems.items() if name != what}
        self.problems = others if problem is None else {**others, what: problem}
        if problem is None:
            _log.info("refresh_recovered", what=what)
        else:
            _log.error("refresh_failed", what=what, problem=problem)

    def _refresh_model(self) -> str | None:
        """Only a model that scores the catalogue and answers who asked lately takes over."""
        snapshot = self._snapshot
        ready = self._switch.look(
            self._model.version if self._model else None,
            snapshot,
            self._following.generation,
            self._asked.states(),
            self._clock(),
            apart=self.running and snapshot is not None,
        )
        if ready is not None:
            if ready.read is not None:
                snapshot = self._following.take(ready.read)
            if snapshot is not None:
                self._snapshot = with_engines(snapshot, ready.model, ready.learned)
            self._serve_model(ready.model)
        return self._switch.problem

    def _serve_model(self, model: ServedModel | None) -> None:
        self._model = model
        self.serving_since = None if model is None else self._clock()
        give_back()
        _log.info("model_switched", version=model.version if model else None)

    def _refresh_catalogue(self, *, apart: bool) -> str | None:
        """A model that cannot score the catalogue as it is now is dropped."""
        now, generation = self._clock(), self._following.generation
        snapshot = self._following.look(self._snapshot, now, model=self._model, apart=apart)
        if snapshot.model is not self._model:
            snapshot = self._with_current_model(snapshot, now)
        self._snapshot = snapshot
        self._report("saved_catalogue", None)
        if self._following.generation != generation:
            give_back()
        return None

    def _with_current_model(self, snapshot: Snapshot, now: datetime) -> Snapshot:
        model = self._model
        try:
            return with_model(snapshot, model)
        except RUNG_FAILURES as error:
            problem = str(error) or repr(error)
            if model is not None:
                self._switch.fail(model.version, self._following.generation, problem, now)
            self._report("model", problem)
            self._model = None
            self.serving_since = None
            return with_model(snapshot, None)

    def _serve_saved(self) -> str | None:
        """Answer from what was kept on disk until the database tells what it holds now."""
        saved = self._following.saved(self._clock())
        if saved is not None:
            self._snapshot = saved
        return None
