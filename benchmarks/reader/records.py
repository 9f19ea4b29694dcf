"""What the platform records until a moment: who told what, what startups are, who did what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from accounts.models import Role, User
from contracts.taxonomy import PLACES, SKILLS
from reader.bios import named, read_bio, style_of
from reader.looks import Looks, read_looks
from reader.told import Told
from simulation.config import SimulationConfig
from simulation.members import Member
from simulation.population import NOBODY
from simulation.ventures import NEVER, Venture
from startups.models import Phase, Startup, StartupType

Rows = npt.NDArray[np.int64]
_SECONDS_PER_DAY = 86_400.0
_PLACE_OF = {place.city: place for place in PLACES}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Records:
    """U people and S startups as known at a moment.

    Attributes:
        until_day: The moment, in days since the first day of behaviour.
        members: External ids.
        told: What each person told.
        known: What is certain of each: role, place and skills; their tastes are left out.
        ventures: Startups; their appeal is left out, and that they close after the moment.
        venture_ids: External ids.
        owners: int64 [S], the owner's row, NOBODY without one.
        looks: What was done strictly before the moment.
    """

    until_day: float
    members: Sequence[str]
    told: Sequence[Told]
    known: Sequence[Member]
    ventures: Sequence[Venture]
    venture_ids: Sequence[str]
    owners: Rows
    looks: Looks


def read_records(config: SimulationConfig, until: datetime) -> Records:
    """Read the platform of `config` from the database as it was at a moment."""
    users = list(
        User.objects.filter(external_id__startswith=config.prefix)
        .select_related("profile", "preferences")
        .order_by("external_id")
    )
    startups = list(
        Startup.objects.filter(external_id__startswith=config.prefix)
        .prefetch_related("positions")
        .order_by("external_id")
    )
    row_of = {user.pk: row for row, user in enumerate(users)}
    column_of = {startup.pk: column for column, startup in enumerate(startups)}
    owners = [NOBODY if startup.owner_id is None else row_of.get(startup.owner_id, NOBODY) for startup in startups]
    return Records(
        until_day=_day(until, config),
        members=[str(user.external_id) for user in users],
        told=[_told(user) for user in users],
        known=[_known(user) for user in users],
        ventures=[_venture(startup, config, until) for startup in startups],
        venture_ids=[str(startup.external_id) for startup in startups],
        owners=np.array(owners, dtype=np.int64),
        looks=read_looks(row_of, column_of, config.start, until),
    )


def _told(user: User) -> Told:
    chosen = user.preferences
    return Told(
        bio=read_bio(user.profile.bio),
        categories=tuple(chosen.categories),
        terms=frozenset([*chosen.fields, *chosen.tags]),
        stages=frozenset(chosen.stages),
    )


def _known(user: User) -> Member:
    return Member(
        role=Role(user.role),
        place=_PLACE_OF[user.profile.city],
        skills=tuple(user.profile.skills),
        interests=(),
        later_interests=(),
        common_tags=(),
        stages=(),
        styles=(),
        joined_day=0.0,
        visits_per_day=0.0,
    )


def _venture(startup: Startup, config: SimulationConfig, until: datetime) -> Venture:
    asked = " ".join(position.requirements for position in startup.positions.all())
    closed = startup.closed_at is not None and startup.closed_at < until
    return Venture(
        category=startup.category,
        field=startup.field,
        tags=tuple(startup.tags),
        kind=StartupType(startup.type),
        phase=Phase(startup.phase),
        stage=startup.stages[0],
        style=style_of(startup.description),
        place=_PLACE_OF[startup.city],
        positions=(),
        skills=named(SKILLS, asked),
        quality=0.0,
        opened_day=_day(startup.opened_at, config),
        closed_day=_day(startup.closed_at, config) if startup.closed_at and closed else NEVER,
        age_days=0,
    )


def _day(moment: datetime, config: SimulationConfig) -> float:
    return (moment - config.start).total_seconds() / _SECONDS_PER_DAY
