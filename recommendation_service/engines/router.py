"""Which engines are due for a person, by how much the platform knows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from contracts.api import Rung, Segment
from recommendation_service.engines.errors import ConfigError

LADDER: tuple[Rung, ...] = (Rung.ENSEMBLE, Rung.TWO_TOWER, Rung.CONTENT_BASED, Rung.TRENDING, Rung.NEWEST)
"""Every rung, best first; what cannot answer is followed by the next."""

LEARNED_RUNGS: frozenset[Rung] = frozenset({Rung.ENSEMBLE, Rung.TWO_TOWER})
"""The rungs that stand on a trained model."""

FIRST_RUNG: Mapping[Segment, Rung] = MappingProxyType(
    {Segment.COLD: Rung.CONTENT_BASED, Segment.WARM: Rung.TWO_TOWER, Segment.HOT: Rung.TWO_TOWER}
)
"""The rung that is due for each segment unless evidence says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingPolicy:
    """Where cold ends and hot begins, in startups that a person did something to, and what is due on each side.

    Attributes:
        warm_from: From this many on a person is warm; with fewer, cold.
        hot_above: With more than this many a person is hot.
        first_rung: The rung that is due for each segment, written from an evaluation; a segment it does not name keeps
            the default.
    """

    warm_from: int = 5
    hot_above: int = 20
    first_rung: Mapping[Segment, Rung] = field(default_factory=lambda: FIRST_RUNG)

    def __post_init__(self) -> None:
        if not 1 <= self.warm_from <= self.hot_above:
            raise ConfigError(
                f"the router needs 1 <= warm_from <= hot_above, got warm_from={self.warm_from}, "
                f"hot_above={self.hot_above}"
            )
        named = {_segment(segment): _rung(rung) for segment, rung in self.first_rung.items()}
        object.__setattr__(self, "first_rung", MappingProxyType({**FIRST_RUNG, **named}))

    def segment(self, interactions: int) -> Segment:
        """The segment of a person who did something to this many startups."""
        if interactions < self.warm_from:
            return Segment.COLD
        return Segment.HOT if interactions > self.hot_above else Segment.WARM

    def route(self, segment: Segment, *, two_tower: bool) -> tuple[Rung, ...]:
        """The rungs to try, in order; the first is the one that is due.

        Args:
            segment: The person's segment.
            two_tower: Whether learned models take part at all.
        """
        due = LADDER[LADDER.index(self.first_rung[segment]) :]
        return tuple(rung for rung in due if two_tower or rung not in LEARNED_RUNGS)


def _segment(name: str) -> Segment:
    try:
        return Segment(name)
    except ValueError as error:
        raise ConfigError(f"unknown segment {name!r} in a routing table; known: {', '.join(Segment)}") from error


def _rung(name: str) -> Rung:
    try:
        return Rung(name)
    except ValueError as error:
        raise ConfigError(f"unknown engine {name!r} in a routing table; the service has {', '.join(Rung)}") from error
