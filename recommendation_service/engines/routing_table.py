"""A routing table as a file: what is due for each segment, with the figures that say so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from contracts.api import Rung, Segment
from recommendation_service.engines.atomic_files import write_atomically
from recommendation_service.engines.bootstrap import Interval
from recommendation_service.engines.config_json import read_json_object
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.router import RoutingPolicy

FORMAT = 1


def routing_file(folder: Path, version: str) -> Path:
    """Where the routing table of a version lies in the models folder: beside it, or nowhere."""
    return folder / f"{version}.routing.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRoute:
    """What is due for one segment.

    Attributes:
        engine: The rung that is due.
        default: The rung that is due without evidence.
        people: How many the figures are taken over.
        engines: Engine name -> mean of the metric with its interval.
        against_default: Engine name -> that engine minus the default's, paired by person.
    """

    engine: Rung
    default: Rung
    people: int
    engines: Mapping[str, Interval]
    against_default: Mapping[str, Interval]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingTable:
    """What the evidence says, and what the evidence is.

    Attributes:
        metric: By which engines were ranked.
        window_start: First judged moment, ISO 8601: no engine had seen anything from here on.
        window_end: End of the judged time.
        confidence: Of the intervals.
        warm_from: From this many acts on a person is warm.
        hot_above: With more than this many a person is hot.
        segments: A route for every segment.
        data: Where the data came from.
    """

    metric: str
    window_start: str
    window_end: str | None
    confidence: float
    warm_from: int
    hot_above: int
    segments: Mapping[Segment, SegmentRoute]
    data: Mapping[str, str]

    def policy(self) -> RoutingPolicy:
        """What the router needs of it.

        Raises:
            ConfigError: If the thresholds leave no order.
        """
        first_rung = {segment: route.engine for segment, route in self.segments.items()}
        return RoutingPolicy(warm_from=self.warm_from, hot_above=self.hot_above, first_rung=first_rung)

    def write(self, target: Path) -> None:
        """Write it as JSON; the file is whole or not there.

        Raises:
            OSError: If it cannot be written.
        """
        content = {"format": FORMAT, **asdict(self)}
        write_atomically(target, (json.dumps(content, indent=1) + "\n").encode())

    @classmethod
    def read(cls, file: Path) -> Self:
        """The table that `write` wrote.

        Raises:
            ConfigError: If the file is missing, no such table, or names an engine or segment that does not exist.
        """
        content = read_json_object(file)
        if content.get("format") != FORMAT:
            raise ConfigError(
                f"{str(file)!r} is not a routing table of format {FORMAT} (format {content.get('format')!r}); "
                "write it with train_two_tower.py --write-routing"
            )
        try:
            segments = {Segment(name): _route(route) for name, route in content.pop("segments").items()}
            del content["format"]
            table = cls(segments=segments, **content)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"the routing table {str(file)!r} cannot be used: {error}") from error
        if set(segments) != set(Segment):
            raise ConfigError(
                f"the routing table {str(file)!r} must name {', '.join(Segment)}; it has {list(segments)}"
            )
        table.policy()
        return table


def _route(content: Mapping[str, Any]) -> SegmentRoute:
    return SegmentRoute(
        engine=Rung(content["engine"]),
        default=Rung(content["default"]),
        people=content["people"],
        engines=_intervals(content["engines"]),
        against_default=_intervals(content["against_default"]),
    )


def _intervals(content: Mapping[str, Mapping[str, float]]) -> dict[str, Interval]:
    return {name: Interval(**value) for name, value in content.items()}
