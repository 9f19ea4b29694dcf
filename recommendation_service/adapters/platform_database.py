"""The platform's database behind the service's port."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime, timedelta

from recommendation_service.adapters.activity_reader import read_activity, read_acts_version
from recommendation_service.adapters.catalogue_changes import read_changes
from recommendation_service.adapters.catalogue_reader import read_open_startups
from recommendation_service.adapters.current_people import read_current_state, read_current_states
from recommendation_service.adapters.database_engine import connect_engine
from recommendation_service.adapters.people_seen import PeopleSeen
from recommendation_service.adapters.platform_schema import schema_differences
from recommendation_service.adapters.reading import reading
from recommendation_service.adapters.ready_connections import ReadyConnections
from recommendation_service.adapters.text_counts import read_text_counts
from recommendation_service.adapters.user_reader import read_user_ids
from recommendation_service.engines.types import UserState
from recommendation_service.services.errors import SchemaMismatchError
from recommendation_service.services.ports import (
    CatalogueChanges,
    CatalogueMark,
    KnownRecords,
    OpenStartups,
    TextCounts,
    nothing_known,
)
from recommendation_service.services.startup_activity import StartupActivity

_BACKGROUND_POOL = 2
_BATCH_POOL = 2


class SqlPlatformDatabase:
    """SQLite or PostgreSQL, read only.

    Members' requests, the refresh in the background and batches have connections of their own, so that none waits for
    another and each has its own deadline.

    Attributes:
        seen: People who were read, for other readers of the same database too.
    """

    def __init__(
        self,
        url: str,
        *,
        request_timeout_seconds: float = 1.0,
        background_timeout_seconds: float = 30.0,
        pool_size: int = 8,
    ) -> None:
        """Prepare the connections; none is opened yet.

        Raises:
            DatabaseUrlError: If the URL names no database this can read.
        """
        self._requests = connect_engine(url, timeout_seconds=request_timeout_seconds, pool_size=pool_size)
        self._background = connect_engine(url, timeout_seconds=background_timeout_seconds, pool_size=_BACKGROUND_POOL)
        self._batches = connect_engine(url, timeout_seconds=background_timeout_seconds, pool_size=_BATCH_POOL)
        self._ready = ReadyConnections(self._requests)
        self.seen = PeopleSeen()

    def require_schema(self) -> None:
        """Check that the tables are what this service reads."""
        with reading(self._background) as connection:
            differences = schema_differences(connection)
        if differences:
            raise SchemaMismatchError(differences)

    def open_startups(self, now: datetime, known: KnownRecords = nothing_known) -> OpenStartups:
        """The startups that are active and open at `now`, newest first."""
        with reading(self._background) as connection:
            return read_open_startups(connection, now, known)

    def catalogue_changes(self, since: CatalogueMark, known: Collection[str], now: datetime) -> CatalogueChanges | None:
        """What changed since a mark; None when all open startups are better read again."""
        with reading(self._background) as connection:
            return read_changes(connection, since, known, now)

    def text_counts(self, now: datetime) -> TextCounts:
        """The texts of the startups that are open at `now`, counted by what made them."""
        with reading(self._background) as connection:
            return read_text_counts(connection, now)

    def recent_activity(self, window: timedelta, half_life: timedelta) -> Sequence[StartupActivity]:
        """What people did in the `window` before the latest act of all, fading by half in each `half_life`."""
        with reading(self._background) as connection:
            return read_activity(connection, window, half_life)

    def acts_version(self) -> Hashable:
        """A value that is another one after anything was done or deleted, or somebody decided whether it counts."""
        with reading(self._background) as connection:
            return read_acts_version(connection)

    def user_state(self, user_id: str, now: datetime) -> UserState | None:
        """A person with all they ever did, oldest first; None if there is no such person."""
        return self._ready.read(lambda connection: read_current_state(connection, self.seen, user_id, now))

    def user_states(self, user_ids: Sequence[str], now: datetime) -> Mapping[str, UserState]:
        """Several people, by id; whoever does not exist is left out."""
        with reading(self._batches) as connection:
            return read_current_states(connection, self.seen, user_ids, now)

    def user_ids(self) -> Sequence[str]:
        """Everybody who is there."""
        with reading(self._batches) as connection:
            return read_user_ids(connection)

    def close(self) -> None:
        """Close all connections."""
        self._ready.close()
        self._requests.dispose()
        self._background.dispose()
        self._batches.dispose()
