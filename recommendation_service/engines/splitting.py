"""Cuts by global time: what a model may learn from and what it is judged on.

Nothing here is random. A sampled negative carries the time of its positive, so both fall on the same side of a cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.timeline import (
    TimeWindow,
    done_by_people,
    from_microseconds,
    parse_moment,
    require_aware,
)
from recommendation_service.engines.types import Interactions


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporalSplit:
    """Three cuts of global time.

    Training is all before `train_until`; its tail from `validation_from` picks settings and stops training; the test
    window runs from `train_until` to `test_until`.

    Raises:
        ConfigError: If a moment has no time zone or the cuts are out of order.
    """

    train_until: datetime
    validation_from: datetime | None = None
    test_until: datetime | None = None

    def __post_init__(self) -> None:
        require_aware("train_until", self.train_until)
        _ = self.test_window, self.validation_window

    @property
    def test_window(self) -> TimeWindow:
        """What the finished model is judged on."""
        return TimeWindow(start=self.train_until, end=self.test_until)

    @property
    def validation_window(self) -> TimeWindow | None:
        """The tail of training that picks settings, or None when there is none."""
        if self.validation_from is None:
            return None
        return TimeWindow(start=self.validation_from, end=self.train_until)

    def to_dict(self) -> dict[str, str | None]:
        """Plain data for JSON."""
        return {name: _to_text(getattr(self, name)) for name in ("train_until", "validation_from", "test_until")}

    @classmethod
    def from_dict(cls, values: Mapping[str, str | None]) -> Self:
        """The split that `to_dict` described.

        Raises:
            ConfigError: For an unknown key, a missing `train_until` or text that is not a moment.
        """
        unknown = sorted(set(values) - {"train_until", "validation_from", "test_until"})
        train_until = _from_text("train_until", values.get("train_until"))
        if unknown or train_until is None:
            raise ConfigError(f"a split has train_until and perhaps validation_from, test_until; got {sorted(values)}")
        return cls(
            train_until=train_until,
            validation_from=_from_text("validation_from", values.get("validation_from")),
            test_until=_from_text("test_until", values.get("test_until")),
        )


def split_by_ratio(interactions: Interactions, *, test: float = 0.2, validation: float = 0.1) -> TemporalSplit:
    """Cuts that leave about these shares of what people did to test and to validation, in order of time.

    Args:
        interactions: Rows; sampled negatives do not count.
        test: Share of the acts from `train_until` on.
        validation: Share of the acts just before it; 0 for none.

    Raises:
        ConfigError: If the shares are not possible or all acts happened at the same moment.
    """
    if not (test > 0 and validation >= 0 and test + validation < 1):  # so that NaN is refused too
        raise ConfigError(
            f"shares must be test > 0, validation >= 0, sum < 1; got test={test}, validation={validation}"
        )
    times = np.sort(interactions.time[done_by_people(interactions)])
    if not len(times) or times[0] == times[-1]:
        raise ConfigError(f"a split by time needs acts at two moments or more; got {len(np.unique(times))}")
    train_until = _time_at(times, 1 - test)
    validation_from = _time_at(times, 1 - test - validation) if validation else train_until
    return TemporalSplit(
        train_until=from_microseconds(train_until),
        validation_from=from_microseconds(validation_from) if times[0] < validation_from < train_until else None,
    )


def _time_at(times: npt.NDArray[np.int64], share: float) -> int:
    """The time of the act at this share of the order, never the very first moment (something must lie before)."""
    time = times[min(int(len(times) * share), len(times) - 1)]
    return int(time if time > times[0] else times[np.searchsorted(times, times[0], side="right")])


def _to_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _from_text(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_moment(text)
    except (ConfigError, TypeError) as error:
        raise ConfigError(f"{name}: {error}") from error
