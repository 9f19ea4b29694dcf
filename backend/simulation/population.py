"""Everybody and everything on a simulated platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from accounts.models import Role
from simulation.config import SimulationConfig
from simulation.members import Member, draw_member
from simulation.ventures import Venture, draw_venture

NOBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Population:
    """Members, ventures and who owns what.

    Attributes:
        owners: int64 [ventures], the owning member's number, NOBODY where no entrepreneur could.
    """

    members: Sequence[Member]
    ventures: Sequence[Venture]
    owners: npt.NDArray[np.int64]


def draw_population(config: SimulationConfig, rng: np.random.Generator) -> Population:
    """Draw members and ventures, each from a stream of its own, so that more of one leaves the other as it is."""
    for_members, for_ventures, for_owners = rng.spawn(3)
    members = [draw_member(config.days, config.behaviour, for_members) for _ in range(config.users)]
    ventures = [draw_venture(config.days, config.behaviour, for_ventures) for _ in range(config.startups)]
    return Population(members=members, ventures=ventures, owners=_draw_owners(members, ventures, for_owners))


def _draw_owners(
    members: Sequence[Member], ventures: Sequence[Venture], rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Each venture belongs to an entrepreneur who had joined when it opened."""
    founders = np.array([number for number, member in enumerate(members) if member.role is Role.ENTREPRENEUR])
    if not len(founders):
        return np.full(len(ventures), NOBODY, dtype=np.int64)
    order = founders[np.argsort([members[founder].joined_day for founder in founders])]
    joined = np.array([members[founder].joined_day for founder in order])
    known = np.searchsorted(joined, [venture.opened_day for venture in ventures], side="right")
    drawn = (rng.random(len(ventures)) * np.maximum(known, 1)).astype(np.int64)
    return np.where(known > 0, order[drawn], NOBODY)
