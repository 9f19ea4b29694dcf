"""What the services need from outside the process. Adapters implement these."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from contracts.api import ModelSummary, Rung
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.growing_rows import GrowingRows
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.router import RoutingPolicy
from recommendation_service.engines.types import StartupRecord, UserState
from recommendation_service.services.startup_activity import StartupActivity

KnownRecords = Callable[[str], StartupRecord | None]


def nothing_known(_: str) -> None:
    """No record, whatever is asked for: nothing was read before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueMark:
    """Up to where the catalogue was read, for the next look at what changed since.

    Attributes:
        read_at: The moment of the read.
        changed_at: The latest change that was seen; None when there was nothing.
        version: What the adapter compares to find out whether anything changed at all; None: look closely.
        seen: What of each startup changed lately and when, by id: changes that need not be read again.
    """

    read_at: datetime
    changed_at: datetime | None = None
    version: str | None = None
    seen: Mapping[str, frozenset[tuple[str, datetime]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStartups:
    """The startups that members can find now.

    Attributes:
        startups: Newest first.
        unusable: Ids of those whose embedding is of another size, not finite or zero; their records have none.
        mark: Where the next look begins.
        text_rows: Their unit text embeddings, where they stand already.
        encoder: What made all texts of the records; None where nobody tells, or before one was chosen.
        foreign: Ids of those whose text was made by another encoder; their records have none.
    """

    startups: Sequence[StartupRecord]
    mark: CatalogueMark
    unusable: frozenset[str] = frozenset()
    text_rows: GrowingRows | None = None
    encoder: str | None = None
    foreign: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueChanges:
    """What became of the catalogue since a mark.

    Attributes:
        startups: New and changed ones that are open.
        gone: Ids of those that were known and are not open any more.
        unusable: As in `OpenStartups`, of `startups`.
        mark: Where the next look begins.
        foreign: As in `OpenStartups`, of `startups`.
    """

    startups: Sequence[StartupRecord]
    gone: frozenset[str]
    unusable: frozenset[str]
    mark: CatalogueMark
    foreign: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.startups or self.gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCounts:
    """How many open startups there are, and how many of them have a text of the right width, by its encoder."""

    startups: int
    by_encoder: Mapping[str, int]


class PlatformDatabase(Protocol):
    """The platform's records, read only.

    Every method raises `DatabaseUnavailableError` when the database does not answer in time.
    """

    def require_schema(self) -> None:
        """Check that the tables are what this service reads.

        Raises:
            SchemaMismatchError: Naming each difference.
        """

    def open_startups(self, now: datetime, known: KnownRecords = nothing_known) -> OpenStartups:
        """The startups that are active and open at `now`.

        Args:
            now: The moment.
            known: Records that were read before, by id. Those that still say the same are themselves part of the
                answer, so that what did not change is not in memory twice.
        """

    def catalogue_changes(self, since: CatalogueMark, known: Collection[str], now: datetime) -> CatalogueChanges | None:
        """What changed since a mark, and what the passing of time opened and closed.

        Args:
            since: The mark.
            known: Ids of the startups that were open as of the last look.
            now: The moment.

        Returns:
            None when it is so much, or so unclear, that all open startups are better read again.
        """

    def text_counts(self, now: datetime) -> TextCounts:
        """The texts of the startups that are open at `now`, counted by what made them."""

    def recent_activity(self, window: timedelta, half_life: timedelta) -> Sequence[StartupActivity]:
        """What people did in the `window` before the latest act of all, fading by half in each `half_life`."""

    def acts_version(self) -> Hashable:
        """A value that is another one after anything was done or deleted, or somebody decided whether it counts."""

    def user_state(self, user_id: str, now: datetime) -> UserState | None:
        """A person with all they ever did, oldest first; None if there is no such person."""

    def user_states(self, user_ids: Sequence[str], now: datetime) -> Mapping[str, UserState]:
        """Several people, by id; whoever does not exist is left out."""


class CatalogueStore(Protocol):
    """Where the catalogue is kept on this machine, for all workers and for the next start."""

    def keep(self, opened: OpenStartups, activity: Sequence[StartupActivity]) -> OpenStartups:
        """Keep what was read in place of what was kept before.

        Returns:
            The same startups, with their texts where all workers see one copy of them; as they are where that fails,
            which `problem` then tells.
        """

    def load(self) -> tuple[OpenStartups, Sequence[StartupActivity]] | None:
        """What was kept; None if nothing was.

        Raises:
            SavedCatalogueError: If it is damaged.
        """

    @property
    def problem(self) -> str | None:
        """Why nothing can be kept now."""


class NoCatalogueStore:
    """Keeps nothing: every worker has its own copy, and none survives it."""

    problem = None

    def keep(self, opened: OpenStartups, activity: Sequence[StartupActivity]) -> OpenStartups:
        """As they are."""
        del activity
        return opened

    def load(self) -> None:
        """Nothing."""
        return


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LearnedModel:
    """What one version brings to the ladder.

    Attributes:
        engines: Its engines by the rung they stand on, each verified and ready to be bound.
        routing: Which rung is due for whom, by the figures of this version; None leaves the deployment's choice.
        encoder: What made the texts it was trained on; None where nobody tells.
        created_at: When it was trained and written; None where nobody tells.
    """

    engines: Mapping[Rung, Recommender]
    routing: RoutingPolicy | None = None
    encoder: str | None = None
    created_at: datetime | None = None


class ModelSource(Protocol):
    """Learned models, by version. Every method raises `EngineError` for what cannot be used."""

    def active_version(self) -> str | None:
        """The version that should serve; None when none was activated."""

    def load(self, version: str) -> LearnedModel:
        """All that a version holds, verified."""

    def summaries(self) -> Sequence[ModelSummary]:
        """Every version there is, usable or not."""

    def fingerprint(self, version: str) -> Hashable:
        """A value that is another one after a file of the version changed."""

    def activate(self, version: str, *, force: bool) -> None:
        """Let the pointer name a version, which is proved first."""

    def rollback(self, *, seen: str | None = None) -> str:
        """Let the pointer name the version it named before, and say which; not if another than `seen` is active."""


class NoModels:
    """A source without models: the ladder starts below them."""

    def active_version(self) -> str | None:
        """None."""
        return None

    def load(self, version: str) -> LearnedModel:
        """Refuse."""
        raise ModelFileError(f"there is no model {version}")

    def summaries(self) -> Sequence[ModelSummary]:
        """Nothing."""
        return ()

    def fingerprint(self, version: str) -> Hashable:
        """Nothing."""
        return version

    def activate(self, version: str, *, force: bool) -> None:
        """Refuse."""
        del force
        raise ModelFileError(f"{version} cannot serve: learned models are switched off; set ENABLE_TWO_TOWER=true")

    def rollback(self, *, seen: str | None = None) -> str:
        """Refuse."""
        del seen
        raise ModelFileError("nothing to go back to: learned models are switched off; set ENABLE_TWO_TOWER=true")
