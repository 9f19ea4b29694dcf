"""Ranks people for a startup: the best engine that can, else the newest members."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import structlog

from contracts.api import Rung
from recommendation_service.engines.types import BoolArray, FloatArray
from recommendation_service.services.errors import DatabaseUnavailableError
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.ladder import RUNG_FAILURES
from recommendation_service.services.mutual_score import mutual, standing, standings
from recommendation_service.services.people_book import PeopleBook
from recommendation_service.services.people_candidates import (
    Candidates,
    PeopleRequest,
    best_candidates,
    eligible_rows,
)
from recommendation_service.services.people_engine import PeopleEngine, people_engine
from recommendation_service.services.people_keeper import PeopleSnapshot
from recommendation_service.services.people_ports import ConfirmedMember, MemberSource
from recommendation_service.services.snapshot import Snapshot

CANDIDATES_PER_PLACE = 3
"""So many times as many people as places are ordered by the mutual score: their own lists are asked, which costs."""
_UNCONFIRMED = "people: the platform's database did not answer; who left or hid within moments may be in the list"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPerson:
    """One place.

    Attributes:
        score: How well they fit the startup.
        mutual_score: How high each stands in the other's list, in [0, 1].
    """

    user_id: str
    score: float
    mutual_score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPeople:
    """A list of people, best first, and what made it.

    Attributes:
        confirmed: Whether they were asked for now.
        exhausted: Whether nobody is left beyond it.
        problems: What was due but failed.
    """

    rung: Rung
    engine: str
    model_version: str | None
    places: Sequence[RankedPerson]
    confirmed: bool
    exhausted: bool
    problems: Sequence[str]


class PeopleRanking:
    """Ranks from the book, and asks the database who of the best still can be found."""

    def __init__(self, source: MemberSource, fallbacks: FallbackCounter) -> None:
        self._source = source
        self._fallbacks = fallbacks

    def rank(self, snapshot: Snapshot, people: PeopleSnapshot, request: PeopleRequest, limit: int) -> RankedPeople:
        """The best `limit` people whom the rules let in."""
        problems: list[str] = []
        allowed = eligible_rows(people.book, request)
        engine = _fitting_engine(snapshot, people, request)
        if engine is None:
            problems.append("people: they are being read for another model, which knows this startup")
        else:
            try:
                return self._by_engine(engine, people.book, request, allowed, limit, problems)
            except RUNG_FAILURES as error:
                problems.append(self._failed(engine, error))
        return self._newest(people.book, request, allowed, limit, problems)

    def _by_engine(
        self,
        engine: PeopleEngine,
        book: PeopleBook,
        request: PeopleRequest,
        allowed: BoolArray,
        limit: int,
        problems: list[str],
    ) -> RankedPeople:
        """Whom the engine knows nothing of is not in its list."""
        column = engine.scorer.catalogue.index_of[request.startup.id]
        scores = book.scores(engine.parts.startup_parts(column))
        scores[~(allowed & book.known & np.isfinite(scores))] = -np.inf
        if not np.isfinite(scores).any():
            return self._newest(book, request, allowed, limit, problems)
        confirm = self._confirm(request, problems)
        candidates = best_candidates(book, scores, request, CANDIDATES_PER_PLACE * limit, confirm)
        of_people = standings(scores[list(candidates.rows)], scores[np.isfinite(scores)])
        own = engine.parts.lists_of(book.parts_of(candidates.rows))
        both = mutual(of_people, standing(own, column, engine.scorer.catalogue.mask()))
        places = _places(book, candidates, scores, both)
        return RankedPeople(
            rung=engine.rung,
            engine=engine.engine.engine,
            model_version=engine.engine.model_version,
            places=places[:limit],
            confirmed=candidates.confirmed,
            exhausted=candidates.exhausted and len(places) <= limit,
            problems=problems,
        )

    def _newest(
        self,
        book: PeopleBook,
        request: PeopleRequest,
        allowed: BoolArray,
        limit: int,
        problems: list[str],
    ) -> RankedPeople:
        """Whoever joined last; nothing tells the other direction, so that the order of joining is the mutual score."""
        joined = np.where(allowed, _places_in_order(book.joined), -np.inf).astype(np.float32)
        candidates = best_candidates(book, joined, request, limit, self._confirm(request, problems))
        scores = standings(joined, joined[allowed])
        return RankedPeople(
            rung=Rung.NEWEST,
            engine=Rung.NEWEST.value,
            model_version=None,
            places=_places(book, candidates, scores, scores[list(candidates.rows)]),
            confirmed=candidates.confirmed,
            exhausted=candidates.exhausted,
            problems=problems,
        )

    def _confirm(self, request: PeopleRequest, problems: list[str]) -> _Confirm:
        return _Confirm(self._source, self._fallbacks, request.startup.id, problems)

    def _failed(self, engine: PeopleEngine, error: Exception) -> str:
        self._fallbacks.count(engine.rung, type(error).__name__)
        _log.warning("people_rung_failed", rung=engine.rung.value, engine=engine.engine.engine, error=repr(error))
        return f"{engine.rung.value}: the engine {engine.engine.engine} failed"


class _Confirm:
    """Asks the database who of some people can be found now; once it failed it is left alone for this answer."""

    def __init__(self, source: MemberSource, fallbacks: FallbackCounter, startup_id: str, problems: list[str]) -> None:
        self._source, self._fallbacks, self._startup_id, self._problems = source, fallbacks, startup_id, problems

    def __call__(self, ids: Collection[str]) -> Mapping[str, ConfirmedMember] | None:
        if _UNCONFIRMED in self._problems:
            return None
        try:
            return self._source.confirmed(ids, self._startup_id)
        except DatabaseUnavailableError as error:
            self._fallbacks.count("members", type(error).__name__)
            _log.warning("members_unconfirmed", error=str(error))
            self._problems.append(_UNCONFIRMED)
            return None


def _fitting_engine(snapshot: Snapshot, people: PeopleSnapshot, request: PeopleRequest) -> PeopleEngine | None:
    """The snapshot's engine if it encoded the book; just after a switch of models the one that did."""
    engine = people_engine(snapshot)
    if engine is not None and engine.people_key == people.book.key:
        return engine
    return people.engine if request.startup.id in people.engine.scorer.catalogue.index_of else None


def _places(book: PeopleBook, candidates: Candidates, scores: FloatArray, both: FloatArray) -> list[RankedPerson]:
    """In order of the mutual score, then of the score; `scores` [R] by row, `both` [C] by candidate."""
    rows = np.asarray(candidates.rows, dtype=np.int64)
    order = np.lexsort((rows, -scores[rows], -both))
    return [
        RankedPerson(
            user_id=book.ids[rows[place]],
            score=float(scores[rows[place]]),
            mutual_score=float(both[place]),
        )
        for place in order.tolist()
    ]


def _places_in_order(values: npt.NDArray[np.float64]) -> FloatArray:
    """float32 [R]: the rank of each value from below, equal ones alike; seconds would not fit into float32."""
    _, place = np.unique(values, return_inverse=True)
    return place.astype(np.float32)
