"""Moments, windows of time, and the rows of a data set that lie before or inside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from contracts.interactions import SAMPLED_NEGATIVE
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.types import INTERACTION_KINDS, BoolArray, Interactions, TrainingData

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FOREVER = np.iinfo(np.int64).max
SAMPLED_CODE = INTERACTION_KINDS.index(SAMPLED_NEGATIVE)
"""Code of rows that nobody did."""


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970 UTC of a timezone-aware moment."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(time: int) -> datetime:
    """The UTC moment of a time of `Interactions`."""
    return _EPOCH + timedelta(microseconds=int(time))


def parse_moment(text: str) -> datetime:
    """A moment from an ISO date or date-time; without a time zone it is UTC.

    Raises:
        ConfigError: If it is neither.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is not a date; write it like 2012-07-01 or 2012-07-01T12:00:00+00:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """The moments from `start` (included) to `end` (excluded); None means without end."""

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        for name, moment in (("start", self.start), ("end", self.end)):
            require_aware(name, moment)
        if self.end is not None and self.end <= self.start:
            raise ConfigError(f"a window must end after it starts: {self.start.isoformat()} .. {self.end.isoformat()}")

    def contains(self, times: npt.NDArray[np.int64]) -> BoolArray:
        """bool [P]: which times (microseconds since 1970 UTC) lie inside."""
        end = _FOREVER if self.end is None else to_microseconds(self.end)
        inside: BoolArray = (times >= to_microseconds(self.start)) & (times < end)
        return inside


def require_aware(name: str, moment: datetime | None) -> None:
    """Refuse a moment without a time zone.

    Raises:
        ConfigError: Naming the setting and its value.
    """
    if moment is not None and moment.tzinfo is None:
        raise ConfigError(f"{name} needs a time zone, got {moment.isoformat()}; write it with +00:00")


def done_by_people(interactions: Interactions) -> BoolArray:
    """bool [P]: rows that somebody did, as opposed to sampled negatives."""
    done: BoolArray = interactions.kind != SAMPLED_CODE
    return done


def before(interactions: Interactions, moment: datetime) -> Interactions:
    """The rows strictly before a moment."""
    return interactions.take(interactions.time < to_microseconds(moment))


def within(interactions: Interactions, window: TimeWindow) -> Interactions:
    """The rows inside a window."""
    return interactions.take(window.contains(interactions.time))


def data_before(data: TrainingData, moment: datetime) -> TrainingData:
    """The same people and startups with only the rows strictly before a moment: what an engine may be fitted on."""
    return replace(data, interactions=before(data.interactions, moment))
