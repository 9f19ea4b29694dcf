"""What the services need from outside the process. Adapters implement these."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from contracts.api import ModelSummary, Rung
from contracts.interactions import PairOutcome
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.router import RoutingPolicy
from recommendation_service.engines.types import StartupRecord, UserState


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStartups:
    """The startups that members can find now.

    Attributes:
        startups: Newest first.
        invalid_embeddings: How many had an embedding of the wrong size or with values that are not finite; their
            records have none.
    """

    startups: Sequence[StartupRecord]
    invalid_embeddings: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentPair:
    """What one person's recent acts towards one startup amount to."""

    user_id: str
    startup_id: str
    outcome: PairOutcome


class PlatformDatabase(Protocol):
    """The platform's records, read only.

    Every method raises `DatabaseUnavailableError` when the database does not answer in time.
    """

    def require_schema(self) -> None:
        """Check that the tables are what this service reads.

        Raises:
            SchemaMismatchError: Naming each difference.
        """

    def catalogue_version(self, now: datetime) -> Hashable:
        """A value that is another one after startups, their positions, rounds or embeddings changed."""

    def open_startups(self, now: datetime) -> OpenStartups:
        """The startups that are active and open at `now`."""

    def recent_pairs(self, window: timedelta, most: int) -> Sequence[RecentPair]:
        """Pairs with acts in the `window` before the latest act of all, made from at most `most` acts."""

    def user_state(self, user_id: str, now: datetime) -> UserState | None:
        """A person with all they ever did, oldest first; None if there is no such person."""

    def user_states(self, user_ids: Sequence[str], now: datetime) -> Mapping[str, UserState]:
        """Several people, by id; whoever does not exist is left out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LearnedModel:
    """What one version brings to the ladder.

    Attributes:
        engines: Its engines by the rung they stand on, each verified and ready to be bound.
        routing: Which rung is due for whom, by the figures of this version; None leaves the deployment's choice.
    """

    engines: Mapping[Rung, Recommender]
    routing: RoutingPolicy | None = None


class ModelSource(Protocol):
    """Learned models, by version. Every method raises `EngineError` for what cannot be used."""

    def active_version(self) -> str | None:
        """The version that should serve; None when none was activated."""

    def load(self, version: str) -> LearnedModel:
        """All that a version holds, verified."""

    def summaries(self) -> Sequence[ModelSummary]:
        """Every version there is, usable or not."""


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
