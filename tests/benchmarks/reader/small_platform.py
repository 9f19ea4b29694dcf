"""Looks and records written down by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from reader.looks import STEPS, Looks
from reader.records import Records
from reader.told import Told

from simulation.config import BehaviourConfig
from simulation.members import draw_member
from simulation.ventures import draw_venture


def looks(*opened: tuple[int, int, int, int], **did: list[int]) -> Looks:
    """Looks of (member, venture, day, visit); `did` names the rows in which a step followed."""
    columns = np.array(opened, dtype=np.int64).reshape(-1, 4)
    return Looks(
        member=columns[:, 0],
        venture=columns[:, 1],
        day=columns[:, 2],
        visit=columns[:, 3],
        did={step: np.isin(np.arange(len(columns)), did.get(step.value, [])) for step in STEPS},
    )


def records_of(seen: Looks, *, opened_days: list[float], owners: list[int]) -> Records:
    rng, behaviour = np.random.default_rng(0), BehaviourConfig()
    nothing = Told(bio=None, categories=(), terms=frozenset(), stages=frozenset())
    ventures = [replace(draw_venture(9, behaviour, rng), opened_day=day, closed_day=np.inf) for day in opened_days]
    return Records(
        until_day=4.0,
        members=["ada", "bob"],
        told=[nothing] * 2,
        known=[draw_member(9, behaviour, rng)] * 2,
        ventures=ventures,
        venture_ids=[f"s{column}" for column in range(len(ventures))],
        owners=np.array(owners),
        looks=seen,
    )
