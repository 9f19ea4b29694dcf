"""The use cases of the service: recommend, find similar, tell what serves and whether it can."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import structlog

from contracts.api import (
    DEFAULT_LIMIT,
    Models,
    Readiness,
    Recommendations,
    Rung,
    Segment,
    SimilarStartups,
)
from recommendation_service.engines.errors import EngineError
from recommendation_service.engines.reasons import explain
from recommendation_service.engines.router import LADDER
from recommendation_service.engines.rules import allowed_columns
from recommendation_service.engines.types import UserRecord, UserState
from recommendation_service.services.answers import Request, listed, recommendations, similar_startups
from recommendation_service.services.errors import DatabaseUnavailableError, UnknownStartupError, UnknownUserError
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.ladder import climb
from recommendation_service.services.ports import ModelSource, NoModels, PlatformDatabase
from recommendation_service.services.registered_models import RegisteredModels
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot import Snapshot
from recommendation_service.services.snapshot_keeper import Clock, SnapshotKeeper, utc_now

ANONYMOUS_ROUTE = (Rung.TRENDING, Rung.NEWEST)
"""What is left when the person cannot be read."""
_log = structlog.get_logger(__name__)


class RecommendationService:
    """Answers from memory; only the person asking is read from the database.

    Call `start` to keep the memory fresh in the background; without it the first call reads the catalogue once.
    """

    def __init__(
        self,
        db: PlatformDatabase,
        enable_two_tower: bool = True,
        *,
        models: ModelSource | None = None,
        options: ServingOptions | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """Wire the service; nothing is read yet.

        Args:
            db: The platform's records.
            enable_two_tower: Whether learned models take part.
            models: Where learned models come from; by default the service's own models folder.
            options: Routing and freshness.
            clock: Tells the moment, timezone-aware.
        """
        self._db = db
        self._options = options or ServingOptions()
        self._two_tower = enable_two_tower
        self._models = (models or RegisteredModels()) if enable_two_tower else NoModels()
        self._clock = clock
        self.keeper = SnapshotKeeper(db, self._models, self._options, clock)
        self.fallbacks = FallbackCounter()

    def start(self) -> None:
        """Read the catalogue and keep it fresh until `stop`."""
        self.keeper.start()

    def stop(self) -> None:
        """End what `start` began."""
        self.keeper.stop()

    def recommend(
        self, user_id: UUID | str, limit: int = DEFAULT_LIMIT, *, request_id: UUID | None = None
    ) -> Recommendations:
        """Startups for a person, best first.

        When the database cannot tell who the person is, a stranger's list is answered and marked degraded.

        Raises:
            UnknownUserError: If there is no such person.
            NotReadyError: If no catalogue could be read yet.
            ValueError: If `limit` is not in 1..100, or the id is no UUID.
        """
        identity, request = _canonical(user_id), self._request(limit, request_id)
        snapshot = self.keeper.current()
        try:
            user = self._db.user_state(identity, request.now)
        except DatabaseUnavailableError as error:
            return self._recommend_to_stranger(snapshot, request, identity, error)
        if user is None:
            raise UnknownUserError(identity)
        routing = snapshot.routing or self._options.routing
        segment = routing.segment(len(user.history))
        route = routing.route(segment, two_tower=self._two_tower)
        return self._answer(snapshot, request, user, segment, route)

    def similar(
        self, startup_id: UUID | str, limit: int = DEFAULT_LIMIT, *, request_id: UUID | None = None
    ) -> SimilarStartups:
        """Open startups like one that is open itself, most alike first.

        Raises:
            UnknownStartupError: If there is no such startup, or it is not open.
            NotReadyError: If no catalogue could be read yet.
            ValueError: If `limit` is not in 1..100, or the id is no UUID.
        """
        identity, request = _canonical(startup_id), self._request(limit, request_id)
        snapshot = self.keeper.current()
        column = snapshot.catalogue.index_of.get(identity)
        if column is None:
            raise UnknownStartupError(identity)
        columns, scores = snapshot.similarity.closest(column, request.limit)
        items = listed(snapshot.catalogue, columns, scores, [[] for _ in columns])
        segment = self._options.routing.segment(snapshot.reasons.trends.get(identity, 0))
        return similar_startups(request, identity, segment, snapshot.similarity.name, items)

    def models(self) -> Models:
        """Every learned model, which of them serves, and why another one does not."""
        snapshot = self.keeper.current_or_none()
        serving = snapshot.model.version if snapshot and snapshot.model else None
        problem = self.keeper.problems.get("model")
        try:
            return Models(
                serving=serving,
                active=self._models.active_version(),
                problem=problem,
                versions=list(self._models.summaries()),
            )
        except (EngineError, OSError) as error:
            return Models(serving=serving, active=None, problem=str(error), versions=[])

    def readiness(self) -> Readiness:
        """Whether the service can answer now, on which rung at best, and what is wrong."""
        snapshot, age = self.keeper.current_or_none(), self.keeper.age
        return Readiness(
            ready=snapshot is not None,
            rung=None if snapshot is None else next((rung for rung in LADDER if rung in snapshot.rungs), None),
            model_version=snapshot.model.version if snapshot and snapshot.model else None,
            catalogue_size=0 if snapshot is None else len(snapshot.catalogue),
            catalogue_age_seconds=None if age is None else age.total_seconds(),
            problems=self._problems(snapshot),
        )

    def _problems(self, snapshot: Snapshot | None) -> list[str]:
        problems = [f"{what}: {problem}" for what, problem in sorted(self.keeper.problems.items())]
        if snapshot is not None and snapshot.invalid_embeddings:
            problems.append(
                f"embeddings: {snapshot.invalid_embeddings} of startups are of the wrong size or not finite; unused; "
                "run `python manage.py generate_embeddings --force` in backend/"
            )
        return problems

    def _request(self, limit: int, request_id: UUID | None) -> Request:
        return Request(limit=limit, id=request_id or uuid4(), now=self._clock())

    def _recommend_to_stranger(
        self, snapshot: Snapshot, request: Request, identity: str, error: DatabaseUnavailableError
    ) -> Recommendations:
        self.fallbacks.count("user_state", type(error).__name__)
        _log.warning("user_state_failed", user_id=identity, error=str(error))
        user = UserState(record=UserRecord(id=identity, role=""))
        problem = "user_state: the platform's database did not answer"
        return self._answer(snapshot, request, user, Segment.COLD, ANONYMOUS_ROUTE, problem)

    def _answer(
        self,
        snapshot: Snapshot,
        request: Request,
        user: UserState,
        segment: Segment,
        route: Sequence[Rung],
        *problems: str,
    ) -> Recommendations:
        allowed = allowed_columns(snapshot.catalogue, snapshot.owners, user)
        answer = climb(route, snapshot.rungs, user, k=request.limit, allowed=allowed, counter=self.fallbacks)
        reasons = explain(snapshot.reasons, user, answer.columns, answer.rung, request.now)
        items = listed(snapshot.catalogue, answer.columns, answer.scores, reasons)
        return recommendations(request, user.record.id, segment, answer, items, [*problems, *answer.failures])


def _canonical(identity: UUID | str) -> str:
    return str(identity if isinstance(identity, UUID) else UUID(identity))
