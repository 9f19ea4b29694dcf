"""Simulated ventures as database rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from accounts.models import User
from imports.identity import identifier_of
from simulation.config import SimulationConfig
from simulation.identity import SOURCE, venture_external_id
from simulation.names import startup_names
from simulation.population import NOBODY, Population
from simulation.texts import position_requirements, venture_description
from simulation.ventures import NEVER, Venture
from startups.models import Position, Startup


def startup_rows(
    population: Population, users: Sequence[User], config: SimulationConfig, rng: np.random.Generator
) -> list[Startup]:
    """Startups with their owners and texts."""
    names = startup_names(len(population.ventures), rng)
    owners = [None if owner == NOBODY else users[owner] for owner in population.owners.tolist()]
    return [
        _startup(row, venture, venture_description(name, venture, rng), name, owner, config)
        for row, (venture, name, owner) in enumerate(zip(population.ventures, names, owners, strict=True))
    ]


def _startup(
    row: int, venture: Venture, description: str, name: str, owner: User | None, config: SimulationConfig
) -> Startup:
    external_id = venture_external_id(config.prefix, row)
    opened_at, place = config.moment(venture.opened_day), venture.place
    return Startup(
        id=identifier_of(SOURCE, "startup", external_id),
        external_id=external_id,
        owner=owner,
        title=name,
        description=description,
        type=venture.kind,
        category=venture.category,
        field=venture.field,
        phase=venture.phase,
        stages=[venture.stage],
        tags=list(venture.tags),
        status=venture.status,
        founded_on=(opened_at - timedelta(days=venture.age_days)).date(),
        opened_at=opened_at,
        closed_at=None if venture.closed_day == NEVER else config.moment(venture.closed_day),
        country=place.country,
        state=place.state,
        region=place.region,
        city=place.city,
    )


def position_rows(startups: Sequence[Startup], ventures: Sequence[Venture]) -> list[Position]:
    """What each startup offers."""
    return [
        Position(
            startup=startup,
            external_id=f"{startup.external_id}-position-{number}",
            title=position.title,
            requirements=position_requirements(position, venture.skills),
        )
        for startup, venture in zip(startups, ventures, strict=True)
        for number, position in enumerate(venture.positions, start=1)
    ]
