"""Startups for one person: ranked once, deeper than a page, so that all pages are of one list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import structlog

from contracts.api import Recommendations, RecommendedStartup
from recommendation_service.engines.types import BoolArray, Catalogue, UserState
from recommendation_service.services.answers import header, listed
from recommendation_service.services.eligible import eligible_columns
from recommendation_service.services.explaining import reasons_of
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.kept_lists import KeptList, KeptLists, ListGoneError, ListNotKeptError
from recommendation_service.services.ladder import Ladder, LadderAnswer
from recommendation_service.services.list_request import ListRequest
from recommendation_service.services.page_cursor import PageCursor
from recommendation_service.services.remembered_rankings import MadeRanking, RememberedRankings
from recommendation_service.services.routed_people import RoutedPeople, RoutedPerson
from recommendation_service.services.snapshot import Snapshot
from recommendation_service.services.statistics import ServiceStatistics
from recommendation_service.services.written_answer import WrittenAnswer

MOST_PLACES = 500
"""How deep a list is ranked; its pages end there."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommending:
    """The use case, over what one worker has.

    Attributes:
        people: Reads who asks.
        lists: Where whole lists are kept for their next pages.
        fallbacks: Counts what failed.
        statistics: Measures the stages, and counts answers by rung.
        asked: Told of everybody who is answered.
        remembered: Rankings of moments ago.
    """

    people: RoutedPeople
    lists: KeptLists
    fallbacks: FallbackCounter
    statistics: ServiceStatistics
    asked: Callable[[UserState], None]
    remembered: RememberedRankings = field(default_factory=RememberedRankings)

    def first_page(self, snapshot: Snapshot, user_id: UUID, request: ListRequest) -> Recommendations:
        """The best startups, and where to go on when there are more.

        Raises:
            UnknownUserError: If there is no such person.
        """
        person, ranking = self._ranked_person(snapshot, user_id, request)
        return self._first_page(snapshot, person, ranking, request)

    def first_page_json(self, snapshot: Snapshot, user_id: UUID, request: ListRequest) -> bytes:
        """The first page as JSON; for whom nothing changed, most of it is not written again.

        Raises:
            UnknownUserError: If there is no such person.
        """
        person, ranking = self._ranked_person(snapshot, user_id, request)
        asked = (request.limit, request.explain)
        written = None if person.problems else ranking.written(asked)
        if written is None:
            answer = self._first_page(snapshot, person, ranking, request)
            if not answer.degraded:
                ranking.page = (asked, WrittenAnswer.of(answer))
            return answer.model_dump_json().encode()
        self.statistics.count_answer(ranking.answer.rung, degraded=False)
        cursor = self._first_cursor(ranking, request, lambda: ranked_list(snapshot, person, request, ranking.answer))
        return written.json(request.id, request.now, cursor)

    def next_page(self, snapshot: Snapshot, user_id: UUID, cursor: PageCursor, request: ListRequest) -> Recommendations:
        """More of a list that was kept; what has gone since, or was acted on, is left out.

        Raises:
            ListGoneError: If the list is no longer kept, or is somebody else's, or is a personal one that the
                person wants no more.
            UnknownUserError: If there is no such person any more.
        """
        kept = self.lists.find(cursor.kept_as)
        if kept is None or kept.user_id != user_id:
            raise ListGoneError
        person = self._read(snapshot, user_id, request)
        if not person.state.is_personalised and kept.rung not in person.route:
            raise ListGoneError
        with self.statistics.stage("rank"):
            allowed = eligible_columns(snapshot, person.state, kept.filters)
            page = _page_of(kept, cursor, request.limit, snapshot.catalogue, allowed)
        following = page.following(cursor).encode() if page.more else None
        later = _Listed(person=person, ranked=replace(kept, id=cursor.list_id), page=page, cursor=following)
        return self._answer(snapshot, later, request)

    def _ranked_person(
        self, snapshot: Snapshot, user_id: UUID, request: ListRequest
    ) -> tuple[RoutedPerson, MadeRanking]:
        person = self._read(snapshot, user_id, request)
        with self.statistics.stage("rank"):
            ranking = self._ranked(snapshot, person, request)
        self.asked(person.state)
        return person, ranking

    def _first_page(
        self, snapshot: Snapshot, person: RoutedPerson, ranking: MadeRanking, request: ListRequest
    ) -> Recommendations:
        answer = ranking.answer
        columns, scores = answer.columns[: request.limit].tolist(), answer.scores[: request.limit].tolist()
        passed, more = len(columns), _has_more(answer, request)
        page = _Page(columns=columns, scores=scores, shown_before=0, passed=passed, more=more)
        ranked = ranked_list(snapshot, person, request, answer)
        cursor = self._first_cursor(ranking, request, lambda: ranked, shared=not ranked.problems)
        return self._answer(snapshot, _Listed(person=person, ranked=ranked, page=page, cursor=cursor), request)

    def _ranked(self, snapshot: Snapshot, person: RoutedPerson, request: ListRequest) -> MadeRanking:
        """The person's list to its depth; not made again for whom nothing changed."""
        asked = (person.route, request.filters, request.exclude)
        known = self.remembered.find(snapshot, person.state, asked, request.now)
        if known is not None:
            return known
        allowed = eligible_columns(snapshot, person.state, request.filters, request.exclude)
        ladder = Ladder(snapshot.rungs, self.fallbacks)
        (answer,) = ladder.climb(person.route, [person.state], k=MOST_PLACES + 1, allowed=allowed[None])
        return self.remembered.remember(snapshot, person.state, asked, request.now, answer)

    def _read(self, snapshot: Snapshot, user_id: UUID, request: ListRequest) -> RoutedPerson:
        with self.statistics.stage("user_read"):
            return self.people.read(str(user_id), snapshot, request.now)

    def _first_cursor(
        self, ranking: MadeRanking, request: ListRequest, ranked: Callable[[], KeptList], *, shared: bool = True
    ) -> str | None:
        """Where the second page begins; None where there is none, or the list cannot be kept for it.

        Args:
            ranking: What the list is of.
            request: What is asked.
            ranked: Makes the list, where it is not kept already.
            shared: Whether the next answer from this ranking will say the same of itself.
        """
        if not _has_more(ranking.answer, request):
            return None
        kept_as = ranking.kept_as if shared else None
        if kept_as is None or not self.lists.keep_on(kept_as):
            if not self._keep(ranked()):
                return None
            kept_as = request.id
            if shared:
                ranking.kept_as = kept_as
        return PageCursor(list_id=request.id, kept_as=kept_as, offset=request.limit, shown=request.limit).encode()

    def _keep(self, ranked: KeptList) -> bool:
        """Keep a list, and say whether that went well."""
        try:
            self.lists.keep(ranked)
        except ListNotKeptError as error:
            self.fallbacks.count("kept_lists", type(error).__name__)
            _log.warning("list_not_kept", error=str(error))
            return False
        return True

    def _answer(self, snapshot: Snapshot, shown: _Listed, request: ListRequest) -> Recommendations:
        ranked, page = shown.ranked, shown.page
        problems = dict.fromkeys([*shown.person.problems, *ranked.problems])
        self.statistics.count_answer(ranked.rung, degraded=bool(problems))
        return Recommendations.model_construct(
            user_id=ranked.user_id,
            items=self._items(snapshot, shown, request),
            next_cursor=shown.cursor,
            **header(
                request_id=ranked.id,
                segment=ranked.segment,
                rung=ranked.rung,
                engine=ranked.engine,
                model_version=ranked.model_version,
                problems=problems,
                exhausted=ranked.complete and not page.more,
                generated_at=ranked.generated_at,
            ),
        )

    def _items(self, snapshot: Snapshot, shown: _Listed, request: ListRequest) -> list[RecommendedStartup]:
        state, page, rung = shown.person.state, shown.page, shown.ranked.rung
        with self.statistics.stage("explain"):
            reasons = reasons_of(snapshot, state, page.columns, rung, request.now, wanted=request.explain)
        return listed(snapshot.catalogue, page.columns, page.scores, reasons, first_rank=page.shown_before + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What is shown of a list at once.

    Attributes:
        columns: In the catalogue as it is now.
        scores: One for each.
        shown_before: Items of the pages before.
        passed: How many places of the list this page and those before went over.
        more: Whether another item follows.
    """

    columns: Sequence[int]
    scores: Sequence[float]
    shown_before: int
    passed: int
    more: bool

    def following(self, cursor: PageCursor) -> PageCursor:
        """Where the page after this one begins, which began at a cursor."""
        return replace(cursor, offset=self.passed, shown=self.shown_before + len(self.columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A page with the list that it is of, and for whom.

    Attributes:
        cursor: Where the next page begins; None where there is none.
    """

    person: RoutedPerson
    ranked: KeptList
    page: _Page
    cursor: str | None


def _has_more(answer: LadderAnswer, request: ListRequest) -> bool:
    """Whether a list goes on behind its first page."""
    return min(len(answer.columns), MOST_PLACES) > request.limit


def ranked_list(snapshot: Snapshot, person: RoutedPerson, request: ListRequest, answer: LadderAnswer) -> KeptList:
    """A ladder's answer of `MOST_PLACES` + 1 places or fewer as the list it is."""
    columns = answer.columns[:MOST_PLACES]
    return KeptList(
        id=request.id,
        user_id=UUID(person.state.record.id),
        generated_at=request.now,
        segment=person.segment,
        rung=answer.rung,
        engine=answer.engine,
        model_version=answer.model_version,
        problems=(*person.problems, *answer.failures),
        filters=request.filters,
        complete=len(answer.columns) <= MOST_PLACES,
        startup_ids=snapshot.catalogue.id_bytes[columns].tobytes(),
        scores=answer.scores[:MOST_PLACES],
    )


def _page_of(kept: KeptList, cursor: PageCursor, limit: int, catalogue: Catalogue, allowed: BoolArray) -> _Page:
    """The next `limit` places that are still there and allowed."""
    index_of = catalogue.index_of
    places = range(cursor.offset, len(kept.scores))
    columns = ((place, index_of.get(kept.startup_id(place))) for place in places)
    left = [(place, column) for place, column in columns if column is not None and allowed[column]]
    shown = left[:limit]
    return _Page(
        columns=[column for _, column in shown],
        scores=[float(kept.scores[place]) for place, _ in shown],
        shown_before=cursor.shown,
        passed=shown[-1][0] + 1 if shown else len(kept.scores),
        more=len(left) > limit,
    )
