"""What a startup is at a moment, as facets: its age, and the funding rounds announced by then.

A round counts from the day after it was announced on; what lies later is unknown, an age that has not begun included.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time

from recommendation_service.engines.content_facets import Facet
from recommendation_service.engines.types import FundingRound, StartupRecord
from recommendation_service.engines.vocabulary import normalise

MOMENT_KINDS = ("rounds", "last_round", "since_round", "raised", "age")
MANY_ROUNDS = 5
"""So many rounds and more are one."""
SINCE_ROUND_DAYS = (180, 365, 540, 730, 1095)
RAISED_USD = (1e5, 5e5, 2e6, 6e6, 1.6e7, 4e7, 1e8)
AGE_DAYS = (30, 90, 180, 365, 730, 1095, 1825, 2920, 4000)
"""Edges of the buckets, each of which belongs to the bucket above it."""


def moment_facets(startup: StartupRecord, as_of: datetime) -> list[Facet]:
    """Facets of one startup as of a moment; amounts of time and money as the bucket that they fall into."""
    rounds = rounds_before(startup, as_of)
    facets = [("rounds", str(min(len(rounds), MANY_ROUNDS))), *_round_facets(rounds, as_of.date())]
    age_days = known_age_days(startup, as_of)
    if age_days is not None:
        facets.append(("age", _bucket(AGE_DAYS, age_days)))
    return facets


def rounds_before(startup: StartupRecord, as_of: datetime) -> list[FundingRound]:
    """The rounds announced strictly before a moment."""
    return [funding for funding in startup.rounds if _moment(funding.announced_on) < as_of]


def known_age_days(startup: StartupRecord, as_of: datetime) -> float | None:
    """Days since the startup was founded; since it opened, where no founding is known yet; None where both lie ahead.

    A founding date that lies ahead is not known yet: it must not tell a startup from one without.
    """
    moments = [startup.opened_at] if startup.founded_on is None else [_moment(startup.founded_on), startup.opened_at]
    born = next((moment for moment in moments if moment <= as_of), None)
    return None if born is None else (as_of - born).total_seconds() / 86_400


def _round_facets(rounds: list[FundingRound], today: date) -> list[Facet]:
    if not rounds:
        return []
    last = rounds[-1]
    raised = sum(funding.amount_usd or 0.0 for funding in rounds)
    facets = [
        ("last_round", normalise(last.kind)),
        ("since_round", _bucket(SINCE_ROUND_DAYS, (today - last.announced_on).days)),
        ("raised", _bucket(RAISED_USD, raised)),
    ]
    return [facet for facet in facets if facet[1]]


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _bucket(edges: tuple[float, ...], value: float) -> str:
    return str(bisect_right(edges, value))
