"""Lists for many people at once, each as it would be answered alone, but for the next pages."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.api import BatchLine, BatchRequest, Reason, Recommendations, RecommendedStartup
from recommendation_service.services.answers import header, listed
from recommendation_service.services.block_ranking import BlockRanking, RankedPerson
from recommendation_service.services.eligible import eligible_rows
from recommendation_service.services.errors import UnknownUserError
from recommendation_service.services.explaining import reasons_of
from recommendation_service.services.json_pieces import LineFrame, places_json
from recommendation_service.services.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """A batch that is answered as its lines are taken; whoever is not known gets a problem in place of a list.

    Attributes:
        ranking: Reads and ranks people.
        snapshot: The one that all lines are made from.
        batch: Whose lists, how long, drawn from which startups.
        request_id: Of all the lines.
        now: The moment of the answers.
    """

    ranking: BlockRanking
    snapshot: Snapshot
    batch: BatchRequest
    request_id: UUID
    now: datetime

    def lines(self) -> Iterator[BatchLine]:
        """A line for each person, in the order asked for."""
        for user_id, ranked in self._ranked():
            if ranked is None:
                yield _unknown(user_id)
            else:
                yield self._line(user_id, ranked, listed(self.snapshot.catalogue, *self._places(ranked)))

    def json_lines(self) -> Iterator[str]:
        """The lines as JSON, without an object for every place; lines of one kind differ in person and places alone."""
        frames: dict[Hashable, LineFrame] = {}
        for user_id, ranked in self._ranked():
            if ranked is None:
                yield _unknown(user_id).model_dump_json()
                continue
            kind = (ranked.person.segment, ranked.answer.rung, tuple(ranked.problems), self._exhausted(ranked))
            frame = frames.get(kind)
            if frame is None:
                frame = frames[kind] = LineFrame.of(self._line(user_id, ranked, []))
            yield frame.line(user_id, places_json(self.snapshot.catalogue, *self._places(ranked)))

    def _ranked(self) -> Iterator[tuple[UUID, RankedPerson | None]]:
        # One place more than is shown tells whether a list is exhausted.
        user_ids, places = [str(user_id) for user_id in self.batch.user_ids], self.batch.limit + 1
        found = self.ranking.ranked(
            self.snapshot,
            user_ids,
            places,
            self.now,
            lambda users: eligible_rows(self.snapshot, users, self.batch.filters),
        )
        for user_id, (_, ranked) in zip(self.batch.user_ids, found, strict=True):
            if ranked is not None:
                self.ranking.statistics.count_answer(ranked.answer.rung, degraded=bool(ranked.problems))
            yield user_id, ranked

    def _places(self, ranked: RankedPerson) -> tuple[Sequence[int], Sequence[float], Sequence[list[Reason]]]:
        """Columns, scores and reasons of what is shown."""
        answer, limit = ranked.answer, self.batch.limit
        columns, scores = answer.columns[:limit].tolist(), answer.scores[:limit].tolist()
        wanted = self.batch.explain
        reasons = reasons_of(self.snapshot, ranked.person.state, columns, answer.rung, self.now, wanted=wanted)
        return columns, scores, reasons

    def _exhausted(self, ranked: RankedPerson) -> bool:
        return len(ranked.answer.columns) <= self.batch.limit

    def _line(self, user_id: UUID, ranked: RankedPerson, items: list[RecommendedStartup]) -> BatchLine:
        answer = ranked.answer
        recommendations = Recommendations.model_construct(
            user_id=user_id,
            items=items,
            next_cursor=None,
            **header(
                request_id=self.request_id,
                segment=ranked.person.segment,
                rung=answer.rung,
                engine=answer.engine,
                model_version=answer.model_version,
                problems=ranked.problems,
                exhausted=self._exhausted(ranked),
                generated_at=self.now,
            ),
        )
        return BatchLine.model_construct(user_id=user_id, recommendations=recommendations, problem=None)


def _unknown(user_id: UUID) -> BatchLine:
    problem = str(UnknownUserError(str(user_id)))
    return BatchLine.model_construct(user_id=user_id, recommendations=None, problem=problem)
