"""Follows the platform's catalogue: small changes are taken in, and now and then everything is read anew beside it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock

import structlog

from recommendation_service.engines.types import Catalogue
from recommendation_service.services.background_job import BackgroundJob
from recommendation_service.services.errors import DatabaseUnavailableError
from recommendation_service.services.ladder import RUNG_FAILURES
from recommendation_service.services.ports import (
    CatalogueChanges,
    CatalogueMark,
    CatalogueStore,
    KnownRecords,
    PlatformDatabase,
    nothing_known,
)
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot import (
    ServedModel,
    Snapshot,
    build_snapshot,
    with_changes,
    with_model,
    with_trends,
)
from recommendation_service.services.startup_activity import StartupActivity
from recommendation_service.services.text_encoders import of_one_encoder

_NEVER = datetime.min.replace(tzinfo=UTC)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CatalogueRead:
    """A catalogue that was read anew.

    Attributes:
        mark: Where changes to it begin.
        acts: The version of the acts whose trends it has; None where that is not known.
    """

    snapshot: Snapshot
    mark: CatalogueMark
    at: datetime
    acts: Hashable = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Counted:
    """What people did lately, and the version of the acts that it was counted from."""

    acts: Hashable
    activity: Sequence[StartupActivity]


class CatalogueFollowing:
    """Knows up to where the database was read.

    Attributes:
        generation: Counts how often everything was read anew.
        confirmed_at: When the catalogue was last known to be what the database holds.
    """

    def __init__(
        self,
        database: PlatformDatabase,
        store: CatalogueStore,
        options: ServingOptions,
        *,
        wake: Callable[[], None],
    ) -> None:
        """Take over the database.

        Args:
            database: The platform's records.
            store: Keeps what is read.
            options: How fresh it is kept.
            wake: Called when everything was read anew in a thread apart.
        """
        self._database = database
        self._store = store
        self._options = options
        self._wake = wake
        self._keeping = Lock()
        self._schema_fits = False
        self._mark: CatalogueMark | None = None
        self._reading: BackgroundJob[CatalogueRead] | None = None
        self._counting: BackgroundJob[_Counted | None] | None = None
        self._read_at = self._counted_at = _NEVER
        self._read_size = 0
        self._acts: Hashable = None
        self._known: KnownRecords = nothing_known
        self.generation = 0
        self.confirmed_at = _NEVER

    def saved(self, now: datetime) -> Snapshot | None:
        """A snapshot of what was kept on disk, marked as such; None if nothing was.

        Raises:
            SavedCatalogueError: If it is damaged.
        """
        kept = self._store.load()
        if kept is None:
            return None
        opened, activity = kept
        snapshot = build_snapshot(opened, activity, self._options, now)
        self.take(CatalogueRead(snapshot=snapshot, mark=opened.mark, at=opened.mark.read_at))
        self.confirmed_at = opened.mark.read_at
        return replace(snapshot, problems=(f"catalogue: as it was kept at {opened.mark.read_at:%Y-%m-%d %H:%M} UTC",))

    def look(
        self, snapshot: Snapshot | None, now: datetime, *, model: ServedModel | None = None, apart: bool
    ) -> Snapshot:
        """The snapshot with what changed since the last look; after a failure the schema is checked again.

        Args:
            snapshot: As it is; None where there is none yet.
            now: The moment.
            model: What serves, or is to with the first catalogue: what is read anew has texts of its encoder.
            apart: Read everything anew, where that is due, in a thread of its own, and go on with what there is.

        Raises:
            ServiceError: If the database does not answer, or does not fit.
            EngineError: If a learned engine cannot take in what changed.
        """
        if not self._schema_fits:
            self._database.require_schema()
        self._schema_fits = False
        found = self._found(snapshot, model, now, apart=apart)
        self._schema_fits = True
        self.confirmed_at = now
        self._known = found.catalogue.record_of
        return replace(found, problems=()) if found.problems else found

    def _found(self, snapshot: Snapshot | None, model: ServedModel | None, now: datetime, *, apart: bool) -> Snapshot:
        if snapshot is None:
            return self.take(self._read(model, now))
        if now - self._read_at >= self._options.reload_interval:
            self._begin(model, now, apart=apart)
        snapshot = self._taken(snapshot)
        if self._mark is None:
            raise RuntimeError("there is a snapshot that nobody knows the origin of")
        changes = self._database.catalogue_changes(self._mark, snapshot.catalogue.index_of.keys(), now)
        if changes is not None:
            snapshot = _with_changes(snapshot, changes, now)
            self._mark = changes.mark
            self._acts = None if changes else self._acts
        if changes is None or self._has_grown_too_far(snapshot.catalogue):
            self._begin(model, now, apart=apart)
            snapshot = self._taken(snapshot)
        if now - self._counted_at >= self._options.trend_interval:
            self._begin_counting(now, apart=apart)
        return self._with_trends(snapshot)

    def _begin_counting(self, now: datetime, *, apart: bool) -> None:
        """Count recent acts anew, unless that is under way: it takes as long as there are many."""
        if self._counting is None:
            self._counted_at, known = now, self._acts
            self._counting = BackgroundJob(lambda: self._count(known), then=self._wake, apart=apart)

    def _counted_or_nothing(self) -> _Counted:
        """Recent acts; none if they cannot be counted in time, so that there is a catalogue all the same."""
        try:
            return _Counted(acts=self._database.acts_version(), activity=self._activity())
        except DatabaseUnavailableError as error:
            _log.warning("trends_not_counted", error=str(error))
            return _Counted(acts=None, activity=())

    def _count(self, known: Hashable) -> _Counted | None:
        """Recent acts, unless both they and the startups are those that were counted last."""
        acts = self._database.acts_version()
        return None if acts == known else _Counted(acts=acts, activity=self._activity())

    def _with_trends(self, snapshot: Snapshot) -> Snapshot:
        """With recent acts if they have been counted; a count that failed is made again when the next is due."""
        if self._counting is None or not self._counting.done:
            return snapshot
        job, self._counting = self._counting, None
        try:
            counted = job.result()
        except DatabaseUnavailableError as error:
            _log.warning("trends_not_counted", error=str(error))
            return snapshot
        if counted is None:
            return snapshot
        self._acts = counted.acts
        return with_trends(snapshot, counted.activity, self._options)

    def _has_grown_too_far(self, catalogue: Catalogue) -> bool:
        """Dead columns cost time and memory, and a table has little room behind its rows."""
        changes = len(catalogue) - min(catalogue.size, self._read_size)
        return changes > max(self._options.most_changes, self._read_size * self._options.most_changed_share)

    def _begin(self, model: ServedModel | None, now: datetime, *, apart: bool) -> None:
        """Read everything anew, unless that is under way."""
        if self._reading is None:
            self._reading = BackgroundJob(lambda: self._read(model, now), then=self._wake, apart=apart)

    def _taken(self, snapshot: Snapshot) -> Snapshot:
        """What was read anew if that has ended, else the snapshot as it is."""
        if self._reading is None or not self._reading.done:
            return snapshot
        job, self._reading = self._reading, None
        return self.take(job.result())

    def take(self, read: CatalogueRead) -> Snapshot:
        """Go on from what was read anew; what is being read meanwhile is not waited for."""
        self._reading = None
        self._mark, self._read_at, self._counted_at = read.mark, read.at, read.at
        self._acts = read.acts
        self._read_size = len(read.snapshot.catalogue)
        self._known = read.snapshot.catalogue.record_of
        self.generation += 1
        return read.snapshot

    def _read(self, model: ServedModel | None, now: datetime) -> CatalogueRead:
        """Everything, bound to the model that serves where that can score it, and kept on disk."""
        read = self.read(model.learned.encoder if model else None, now)
        if model is None:
            return read
        try:
            return replace(read, snapshot=with_model(read.snapshot, model))
        except RUNG_FAILURES as error:
            _log.warning("model_not_bound", version=model.version, error=repr(error))
            return read

    def read(self, encoder: str | None, now: datetime, *, keep: bool = True) -> CatalogueRead:
        """Everything with texts of an encoder, as `of_one_encoder` chooses; for any thread.

        Args:
            encoder: Whose texts are wanted.
            now: The moment.
            keep: Keep it on disk; not what is only looked at.
        """
        with self._keeping:
            opened = self._database.open_startups(now, self._known)
            counted = self._counted_or_nothing()
            opened = of_one_encoder(opened, encoder)
            opened = self._store.keep(opened, counted.activity) if keep else opened
        _log.info(
            "catalogue_read",
            startups=len(opened.startups),
            unusable_embeddings=len(opened.unusable),
            foreign_embeddings=len(opened.foreign),
        )
        return CatalogueRead(
            snapshot=build_snapshot(opened, counted.activity, self._options, now),
            mark=opened.mark,
            at=now,
            acts=counted.acts,
        )

    def _activity(self) -> Sequence[StartupActivity]:
        return self._database.recent_activity(self._options.trend_window, self._options.trend_half_life)


def _with_changes(snapshot: Snapshot, changes: CatalogueChanges, now: datetime) -> Snapshot:
    """Without the model, whose engines may be bound anew, where they cannot take in what changed."""
    if not changes:
        return snapshot
    _log.info("catalogue_changed", startups=len(changes.startups), gone=len(changes.gone))
    try:
        return with_changes(snapshot, changes, now)
    except RUNG_FAILURES as error:
        _log.warning("model_not_extended", error=repr(error))
        return with_changes(with_model(snapshot, None), changes, now)
