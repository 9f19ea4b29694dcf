"""Everything behind one person's list, for an engineer who wonders why."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from contracts.api import HistoryEntry, Inspection, RecommendedStartup, Rung, RungInspection, Withheld
from recommendation_service.engines.router import LADDER
from recommendation_service.engines.rules import withheld_columns
from recommendation_service.engines.types import BoolArray, UserState
from recommendation_service.services.answers import listed
from recommendation_service.services.eligible import eligible_columns
from recommendation_service.services.explaining import reasons_of
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.ladder import Ladder, LadderAnswer
from recommendation_service.services.list_request import ListRequest
from recommendation_service.services.routed_people import RoutedPerson
from recommendation_service.services.snapshot import Snapshot


def inspect(snapshot: Snapshot, user_id: UUID, person: RoutedPerson, request: ListRequest) -> Inspection:
    """What every rung would show a person, what rules withhold from them, and what is known of them.

    Args:
        snapshot: The one that all of it is made from.
        user_id: Whose list.
        person: They, as read now.
        request: How many places of each rung.
    """
    allowed = eligible_columns(snapshot, person.state)
    # Whoever wants no list of their own is not profiled for an engineer either.
    asked = LADDER if person.state.is_personalised else person.route
    return Inspection(
        request_id=request.id,
        user_id=user_id,
        segment=person.segment,
        route=list(person.route),
        rungs=[_rung(rung, snapshot, person.state, allowed, request) for rung in asked],
        withheld=list(_withheld(snapshot, person.state)),
        history=_history(person.state),
        generated_at=request.now,
    )


def _rung(rung: Rung, snapshot: Snapshot, user: UserState, allowed: BoolArray, request: ListRequest) -> RungInspection:
    """A rung asked alone. Its failures are told here and not counted: nobody was served by it."""
    ladder = Ladder(snapshot.rungs, FallbackCounter())
    (answer,) = ladder.climb((rung,), [user], k=request.limit, allowed=allowed[None])
    engine = snapshot.rungs.get(rung)
    return RungInspection(
        rung=rung,
        engine=None if engine is None else engine.engine,
        model_version=None if engine is None else engine.model_version,
        problem=_problem(answer, missing=engine is None, nothing_left=not allowed.any()),
        items=_items(snapshot, user, answer, request),
    )


def _problem(answer: LadderAnswer, *, missing: bool, nothing_left: bool) -> str | None:
    if answer.failures:
        return "; ".join(answer.failures)
    if missing:
        return "nobody showed interest in anything lately"
    if len(answer.columns):
        return None
    return "nothing is left that they may be shown" if nothing_left else "it has nothing to say about this person"


def _items(snapshot: Snapshot, user: UserState, answer: LadderAnswer, request: ListRequest) -> list[RecommendedStartup]:
    columns = answer.columns.tolist()
    reasons = reasons_of(snapshot, user, columns, answer.rung, request.now, wanted=request.explain)
    return listed(snapshot.catalogue, columns, answer.scores.tolist(), reasons)


def _withheld(snapshot: Snapshot, user: UserState) -> Iterator[Withheld]:
    """By rule, the open startups first; a rule that withholds nothing is not told."""
    startups = snapshot.catalogue.startups
    for rule, columns in withheld_columns(snapshot.catalogue, snapshot.owners, user).items():
        if len(columns):
            yield Withheld(rule=rule, startup_ids=[UUID(startups[int(column)].id) for column in columns])
    gone = [item.startup_id for item in user.history if item.startup_id not in snapshot.catalogue.index_of]
    if gone:
        yield Withheld(rule="not_open", startup_ids=[UUID(startup_id) for startup_id in gone])


def _history(user: UserState) -> list[HistoryEntry]:
    return [
        HistoryEntry(
            startup_id=UUID(item.startup_id), type=item.kind, label=round(item.label, 6), occurred_at=item.time
        )
        for item in reversed(user.history)
    ]
