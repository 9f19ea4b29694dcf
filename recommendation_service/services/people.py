"""People for a startup: only members who let themselves be found, ordered by how well both suit each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from contracts.api import DEFAULT_LIMIT, MAX_LIMIT, MIN_LIMIT, Reason, RecommendedPeople, RecommendedPerson
from recommendation_service.engines.people_reasons import explain_people
from recommendation_service.engines.router import RoutingPolicy
from recommendation_service.engines.vocabulary import normalise
from recommendation_service.services.answers import header
from recommendation_service.services.errors import DatabaseUnavailableError, UnknownStartupError
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.people_candidates import PeopleRequest
from recommendation_service.services.people_keeper import PeopleKeeper
from recommendation_service.services.people_ports import MemberSource
from recommendation_service.services.people_ranking import PeopleRanking, RankedPeople, RankedPerson
from recommendation_service.services.snapshot import Snapshot
from recommendation_service.services.statistics import ServiceStatistics

_log = structlog.get_logger(__name__)


class PeopleService:
    """Answers from the book of people; who comes into the list is read from the database once more."""

    def __init__(
        self,
        source: MemberSource,
        snapshots: Callable[[], Snapshot],
        *,
        clock: Callable[[], datetime],
        routing: RoutingPolicy | None = None,
        statistics: ServiceStatistics | None = None,
        fallbacks: FallbackCounter | None = None,
    ) -> None:
        """Wire the use case; nothing is read yet.

        Args:
            source: The platform's members.
            snapshots: The snapshot to answer from.
            clock: Tells the moment, timezone-aware.
            routing: Tells the segment of a startup, by how many showed interest in it.
            statistics: Counts and times answers.
            fallbacks: Counts what failed.
        """
        self._source = source
        self._snapshots = snapshots
        self._clock = clock
        self._routing = routing or RoutingPolicy()
        self._statistics = statistics or ServiceStatistics()
        self._fallbacks = fallbacks or FallbackCounter()
        self._ranking = PeopleRanking(source, self._fallbacks)
        self.keeper = PeopleKeeper(source, snapshots, clock)

    def start(self) -> None:
        """Read everybody and follow them until `stop`."""
        self.keeper.start()

    def stop(self) -> None:
        """End what `start` began."""
        self.keeper.stop()

    @property
    def problems(self) -> Mapping[str, str]:
        """What is wrong now, under `people` and `user_embeddings`."""
        foreign = self.keeper.foreign_texts
        if not foreign:
            return self.keeper.problems
        told = f"{foreign} of members are by another encoder than the one whose texts are compared; unused"
        return {**self.keeper.problems, "user_embeddings": told}

    def people(
        self,
        startup_id: UUID | str,
        limit: int = DEFAULT_LIMIT,
        *,
        owner_id: UUID | None = None,
        role: str | None = None,
        exclude: Collection[UUID | str] = (),
        explain: bool = False,
        now: datetime | None = None,
        request_id: UUID | None = None,
    ) -> RecommendedPeople:
        """People for an open startup, those first whom both sides would put high in their lists.

        Never its owner, who already applied, expressed interest or disliked it, or who cannot be found.

        Raises:
            UnknownStartupError: If there is no such startup, it is not open, or a named owner is not its owner.
            NotReadyError: If no catalogue or no members could be read yet.
            ValueError: If `limit` is not in 1..100, or the id is no UUID.
        """
        if not MIN_LIMIT <= limit <= MAX_LIMIT:
            raise ValueError(f"limit must be {MIN_LIMIT} to {MAX_LIMIT}, got {limit}")
        identity, moment = str(UUID(str(startup_id))), now or self._clock()
        snapshot = self._snapshots()
        column = snapshot.catalogue.index_of.get(identity)
        startup = None if column is None else snapshot.catalogue.startups[column]
        if column is None or startup is None or (owner_id and startup.owner_id != str(owner_id)):
            raise UnknownStartupError(identity)
        wanted = None if role is None else normalise(role)
        request = PeopleRequest(startup=startup, role=wanted, exclude=frozenset(map(str, exclude)))
        with self._statistics.stage("people"):
            ranked = self._ranking.rank(snapshot, self.keeper.current(), request, limit)
        problems = [*snapshot.problems, *ranked.problems]
        reasons = self._reasons(snapshot, column, ranked, moment, problems) if explain else {}
        self._statistics.count_answer(ranked.rung, degraded=bool(problems))
        return RecommendedPeople(
            startup_id=UUID(identity),
            items=_listed(ranked.places, reasons),
            **header(
                request_id=request_id or uuid4(),
                segment=self._routing.segment(snapshot.reasons.trends.get(identity, 0)),
                rung=ranked.rung,
                engine=ranked.engine,
                model_version=ranked.model_version,
                problems=problems,
                exhausted=ranked.exhausted,
                generated_at=moment,
            ),
        )

    def _reasons(
        self, snapshot: Snapshot, column: int, ranked: RankedPeople, now: datetime, problems: list[str]
    ) -> Mapping[str, list[Reason]]:
        """By member; of whom the database does not tell now, nothing is said."""
        if not ranked.confirmed:
            return {}
        try:
            members = self._source.described([place.user_id for place in ranked.places], now)
        except DatabaseUnavailableError as error:
            self._fallbacks.count("members", type(error).__name__)
            _log.warning("members_undescribed", error=str(error))
            problems.append("reasons: the platform's database did not answer")
            return {}
        states = [member.known for member in members]
        found = explain_people(snapshot.catalogue, snapshot.similarity, column, states)
        return {state.record.id: why for state, why in zip(states, found, strict=True)}


def _listed(places: Sequence[RankedPerson], reasons: Mapping[str, list[Reason]]) -> list[RecommendedPerson]:
    return [
        RecommendedPerson(
            user_id=UUID(place.user_id),
            rank=rank,
            score=place.score,
            mutual_score=place.mutual_score,
            reasons=reasons.get(place.user_id, []),
        )
        for rank, place in enumerate(places, start=1)
    ]
