"""The facade of the service: every use case over the snapshot as it is now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID, uuid4

from contracts.api import (
    DEFAULT_LIMIT,
    BatchLine,
    BatchRequest,
    Inspection,
    Pair,
    PairScores,
    Recommendations,
    RecommendedPeople,
    RefreshHint,
    SimilarStartups,
    StartupFilters,
)
from recommendation_service.services import inspection
from recommendation_service.services.batch_recommending import BatchAnswer
from recommendation_service.services.block_ranking import BlockRanking
from recommendation_service.services.errors import NotReadyError
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.kept_lists import KeptLists, ListsInMemory
from recommendation_service.services.list_request import NO_FILTERS, ListRequest
from recommendation_service.services.model_control import ModelControl
from recommendation_service.services.page_cursor import PageCursor
from recommendation_service.services.pair_scoring import score_pairs
from recommendation_service.services.people import PeopleService
from recommendation_service.services.people_ports import MemberSource
from recommendation_service.services.ports import CatalogueStore, ModelSource, NoModels, PlatformDatabase
from recommendation_service.services.recommending import Recommending
from recommendation_service.services.registered_models import RegisteredModels
from recommendation_service.services.routed_people import RoutedPeople
from recommendation_service.services.service_state import ServiceState
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.similar_startups import similar_startups
from recommendation_service.services.snapshot_keeper import Clock, SnapshotKeeper, utc_now
from recommendation_service.services.statistics import ServiceStatistics
from recommendation_service.services.user_states import UserStates


class RecommendationService:
    """Answers from memory; only the person asking is read from the database.

    Call `start` to keep the memory fresh in the background; without it the first call reads the catalogue once.

    Attributes:
        keeper: Keeps the snapshot that answers are made from.
        fallbacks: Counts what failed and was answered by something else.
        statistics: Counts and times what was answered.
        model_control: Tells of the models, and lets another one serve.
        state: Tells what the service is now.
    """

    def __init__(
        self,
        db: PlatformDatabase,
        enable_two_tower: bool = True,
        *,
        models: ModelSource | None = None,
        options: ServingOptions | None = None,
        users: UserStates | None = None,
        lists: KeptLists | None = None,
        members: MemberSource | None = None,
        store: CatalogueStore | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """Wire the service; nothing is read yet.

        Args:
            db: The platform's records.
            enable_two_tower: Whether learned models take part.
            models: Where learned models come from; by default the service's own models folder.
            options: Routing and freshness.
            users: Reads people for requests; by default straight from `db`, by the default deadline.
            lists: Where lists are kept for their next pages; by default in this process.
            members: Who may be named to a startup; by default nobody, and nothing is told of people.
            store: Keeps the catalogue for the next start; by default nothing does.
            clock: Tells the moment, timezone-aware.
        """
        self._options = options or ServingOptions()
        self._models = (models or RegisteredModels()) if enable_two_tower else NoModels()
        self._clock = clock
        self.fallbacks = users.failures if users else FallbackCounter()
        self.statistics = ServiceStatistics()
        self.keeper = SnapshotKeeper(db, self._models, self._options, clock, store)
        self.model_control = ModelControl(self._models, self.keeper, db)
        self._users = users or UserStates(db, failures=self.fallbacks)
        self._people = RoutedPeople(self._users, self._options, self.fallbacks, two_tower=enable_two_tower)
        self._lists = lists or ListsInMemory()
        self._recommending = Recommending(
            people=self._people,
            lists=self._lists,
            fallbacks=self.fallbacks,
            statistics=self.statistics,
            asked=self.keeper.asked,
        )
        self._named_people = None if members is None else self._people_service(members)
        self.state = ServiceState(self.keeper, self.statistics, self._users.breaker, self._named_people)
        self.ranking = BlockRanking(people=self._people, fallbacks=self.fallbacks, statistics=self.statistics)

    def start(self) -> None:
        """Read the catalogue and keep it fresh until `stop`."""
        self.keeper.start()
        self._lists.start()
        if self._named_people is not None:
            self._named_people.start()

    def stop(self) -> None:
        """End what `start` began."""
        if self._named_people is not None:
            self._named_people.stop()
        self._lists.stop()
        self.keeper.stop()

    def recommend(
        self,
        user_id: UUID | str,
        limit: int = DEFAULT_LIMIT,
        *,
        request_id: UUID | None = None,
        filters: StartupFilters = NO_FILTERS,
        exclude: Collection[UUID] = (),
        explain: bool = True,
        cursor: PageCursor | None = None,
    ) -> Recommendations:
        """Startups for a person, best first; with a cursor, more of a list that an earlier answer began.

        When nothing is known of who the person is, because the database does not tell, a stranger's list is answered
        and marked degraded.

        Raises:
            UnknownUserError: If there is no such person.
            ListGoneError: If the cursor's list is no longer kept, or is somebody else's.
            NotReadyError: If no catalogue could be read yet.
            ValueError: If `limit` is not in 1..100, or the id is no UUID.
        """
        identity = _identity(user_id)
        request = self._request(limit, request_id, filters=filters, exclude=exclude, explain=explain)
        snapshot = self.keeper.current()
        if cursor is not None:
            return self._recommending.next_page(snapshot, identity, cursor, request)
        return self._recommending.first_page(snapshot, identity, request)

    def recommend_json(
        self,
        user_id: UUID,
        limit: int = DEFAULT_LIMIT,
        *,
        request_id: UUID | None = None,
        filters: StartupFilters = NO_FILTERS,
        exclude: Collection[UUID] = (),
        explain: bool = True,
    ) -> bytes:
        """What `recommend` answers without a cursor, as JSON, in less time for whom nothing changed since moments ago.

        Raises:
            UnknownUserError, NotReadyError, ValueError: As `recommend`.
        """
        request = self._request(limit, request_id, filters=filters, exclude=exclude, explain=explain)
        return self._recommending.first_page_json(self.keeper.current(), user_id, request)

    def similar(
        self,
        startup_id: UUID | str,
        limit: int = DEFAULT_LIMIT,
        *,
        request_id: UUID | None = None,
        filters: StartupFilters = NO_FILTERS,
        exclude: Collection[UUID] = (),
        explain: bool = True,
    ) -> SimilarStartups:
        """Open startups like one that is open itself, most alike first.

        Raises:
            UnknownStartupError: If there is no such startup, or it is not open.
            NotReadyError: If no catalogue could be read yet.
            ValueError: If `limit` is not in 1..100, or the id is no UUID.
        """
        identity = str(_identity(startup_id))
        request = self._request(limit, request_id, filters=filters, exclude=exclude, explain=explain)
        return similar_startups(self.keeper.current(), identity, request, self._options.routing, self.statistics)

    def people(
        self,
        startup_id: UUID | str,
        limit: int = DEFAULT_LIMIT,
        *,
        owner_id: UUID | None = None,
        role: str | None = None,
        request_id: UUID | None = None,
        exclude: Collection[UUID] = (),
        explain: bool = True,
    ) -> RecommendedPeople:
        """People for an open startup: active members who let themselves be found.

        Args:
            startup_id: The startup.
            limit: Places.
            owner_id: Answer only if this person owns the startup; None for whoever may ask about any.
            role: Only people of this role.
            request_id: Of the answer.
            exclude: People who must not be in the list.
            explain: Whether each says why.

        Raises:
            UnknownStartupError: If there is no such startup, it is not open, or it is somebody else's.
            NotReadyError: If no catalogue or no members could be read yet.
            ValueError: If `limit` is not in 1..100, or the id is no UUID.
        """
        if self._named_people is None:
            raise NotReadyError("this service was started without the platform's members")
        return self._named_people.people(
            startup_id,
            limit,
            owner_id=owner_id,
            role=role,
            exclude=exclude,
            explain=explain,
            now=self._clock(),
            request_id=request_id,
        )

    def score_pairs(self, pairs: Sequence[Pair], *, request_id: UUID | None = None) -> PairScores:
        """What the engines think of pairs of a person and a startup.

        Raises:
            NotReadyError: If no catalogue could be read yet.
        """
        return score_pairs(self.ranking, self.keeper.current(), pairs, request_id or uuid4(), self._clock())

    def recommend_many(self, batch: BatchRequest, *, request_id: UUID | None = None) -> Iterator[BatchLine]:
        """Lists for many people, made block by block as the lines are taken.

        Raises:
            NotReadyError: If no catalogue could be read yet; before the first line.
        """
        return self._batch(batch, request_id).lines()

    def recommend_many_json(self, batch: BatchRequest, *, request_id: UUID | None = None) -> Iterator[str]:
        """The lines of `recommend_many` as JSON, in less time.

        Raises:
            NotReadyError: If no catalogue could be read yet; before the first line.
        """
        return self._batch(batch, request_id).json_lines()

    def _batch(self, batch: BatchRequest, request_id: UUID | None) -> BatchAnswer:
        return BatchAnswer(
            ranking=self.ranking,
            snapshot=self.keeper.current(),
            batch=batch,
            request_id=request_id or uuid4(),
            now=self._clock(),
        )

    def inspect(self, user_id: UUID | str, limit: int = DEFAULT_LIMIT, *, request_id: UUID | None = None) -> Inspection:
        """Everything behind a person's list.

        Raises:
            UnknownUserError: If there is no such person.
            NotReadyError: If no catalogue could be read yet.
            ValueError: If `limit` is not in 1..100, or the id is no UUID.
        """
        identity, request = _identity(user_id), self._request(limit, request_id)
        snapshot = self.keeper.current()
        person = self._people.read(str(identity), snapshot, request.now)
        return inspection.inspect(snapshot, identity, person, request)

    def hint(self, hint: RefreshHint) -> None:
        """Look at the platform now, because something changed there."""
        self.keeper.hint([str(startup_id) for startup_id in hint.startup_ids])

    def _people_service(self, members: MemberSource) -> PeopleService:
        return PeopleService(
            members,
            self.keeper.current,
            clock=self._clock,
            routing=self._options.routing,
            statistics=self.statistics,
            fallbacks=self.fallbacks,
        )

    def _request(
        self,
        limit: int,
        request_id: UUID | None,
        *,
        filters: StartupFilters = NO_FILTERS,
        exclude: Collection[UUID] = (),
        explain: bool = True,
    ) -> ListRequest:
        return ListRequest(
            limit=limit,
            id=request_id or uuid4(),
            now=self._clock(),
            filters=filters,
            exclude=frozenset(map(str, exclude)),
            explain=explain,
        )


def _identity(identity: UUID | str) -> UUID:
    return identity if isinstance(identity, UUID) else UUID(identity)
