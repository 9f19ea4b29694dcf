"""Moments as whole microseconds since 1970, the clock of the dataset's arrays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

NEVER = 2**63 - 1
"""Later than every moment."""


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 of a timezone-aware moment."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(microseconds: int) -> datetime:
    """The timezone-aware moment of microseconds since 1970."""
    return _EPOCH + microseconds * _MICROSECOND
