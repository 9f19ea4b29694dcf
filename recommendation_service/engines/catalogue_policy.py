"""Which startups a list could have held in a window of time: the catalogue that an evaluation ranks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time

import numpy as np

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.timeline import TimeWindow, done_by_people, from_microseconds, within
from recommendation_service.engines.types import BoolArray, StartupRecord, TrainingData

_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguePolicy:
    """A named rule of which startups were open in a window.

    Attributes:
        name: What options and reports call it.
        rule: The rule in words.
        open_startups: bool [N] over `data.startups`.
    """

    name: str
    rule: str
    open_startups: Callable[[TrainingData, TimeWindow], BoolArray]


def _listed(data: TrainingData, window: TimeWindow) -> BoolArray:
    return np.fromiter((_was_listed(startup, window) for startup in data.startups), dtype=np.bool_)


def _was_listed(startup: StartupRecord, window: TimeWindow) -> bool:
    opened_in_time = window.end is None or startup.opened_at < window.end
    return opened_in_time and (startup.closed_at is None or startup.closed_at > window.start)


def _funded(data: TrainingData, window: TimeWindow) -> BoolArray:
    is_open = np.fromiter((_raised_in(startup, window) for startup in data.startups), dtype=np.bool_)
    acts = within(data.interactions, window)
    is_open[acts.startup[done_by_people(acts)]] = True
    return is_open


def _raised_in(startup: StartupRecord, window: TimeWindow) -> bool:
    moments = (datetime.combine(round_.announced_on, time(), tzinfo=UTC) for round_ in startup.rounds)
    return any(window.start <= moment and (window.end is None or moment < window.end) for moment in moments)


LISTED = CataloguePolicy(
    name="listed",
    rule="opened before the window ended and not closed before it started",
    open_startups=_listed,
)
FUNDED = CataloguePolicy(
    name="funded",
    rule="announced a funding round in the window, or somebody acted on it in the window",
    open_startups=_funded,
)
POLICIES = {policy.name: policy for policy in (LISTED, FUNDED)}


def choose_policy(data: TrainingData, name: str | None = None) -> CataloguePolicy:
    """The policy of this name; without one, `funded` where most startups had raised by the last row, else `listed`.

    Raises:
        ConfigError: For an unknown name.
    """
    if name is None:
        raised = sum(1 for startup in data.startups if _raised_in(startup, _time_of(data)))
        return FUNDED if 2 * raised > len(data.startups) else LISTED
    if name not in POLICIES:
        raise ConfigError(f"unknown catalogue policy {name!r}; choose one of {', '.join(sorted(POLICIES))}")
    return POLICIES[name]


def _time_of(data: TrainingData) -> TimeWindow:
    """From the beginning to the last row; without rows, all time."""
    times = data.interactions.time
    return TimeWindow(start=_BEGINNING, end=from_microseconds(int(times.max()) + 1) if len(times) else None)
