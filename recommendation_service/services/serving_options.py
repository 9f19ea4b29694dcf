"""The numbers of a deployment that the services read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.router import RoutingPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingOptions:
    """How answers are routed and how fresh the memory is kept.

    Attributes:
        routing: Where cold ends and hot begins.
        refresh_interval: How often the database and the model pointer are looked at for changes.
        reload_interval: After this long the catalogue is read again even if no change shows, for edits in bulk that
            leave no mark.
        most_changes: With more startups changed since it was read whole, the catalogue is read again beside itself.
        most_changed_share: Or with more than this share of it, where that is more.
        model_retry_interval: How long a model that failed is left alone while nothing about it changes.
        trend_interval: How often recent acts are counted anew.
        trend_window: How long before the latest act of all an act counts as recent.
        trend_half_life: After this long a recent act counts half.
    """

    routing: RoutingPolicy = field(default_factory=RoutingPolicy)
    refresh_interval: timedelta = timedelta(seconds=2)
    reload_interval: timedelta = timedelta(minutes=10)
    most_changes: int = 1000
    most_changed_share: float = 0.05
    model_retry_interval: timedelta = timedelta(minutes=1)
    trend_interval: timedelta = timedelta(minutes=1)
    trend_window: timedelta = timedelta(days=90)
    trend_half_life: timedelta = timedelta(days=14)

    def __post_init__(self) -> None:
        for name in _INTERVALS:
            if getattr(self, name) <= timedelta(0):
                raise ConfigError(f"{name} must be above 0, got {getattr(self, name)}")
        if self.most_changes < 1:
            raise ConfigError(f"most_changes must be at least 1, got {self.most_changes}")
        if not 0 <= self.most_changed_share <= 1:
            raise ConfigError(f"most_changed_share must lie in [0, 1], got {self.most_changed_share}")


_INTERVALS = (
    "refresh_interval",
    "reload_interval",
    "model_retry_interval",
    "trend_interval",
    "trend_window",
    "trend_half_life",
)
