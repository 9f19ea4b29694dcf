"""The findings of an evaluation as plain data, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from recommendation_service.engines.bootstrap import Interval
from recommendation_service.engines.calibration import Reliability

Figures = Mapping[str, Mapping[str, Interval]]
"""Engine name -> metric name (`ndcg@10`) -> mean with its interval."""

ALL = "all"
NO_HISTORY = "no_history"
NEW_STARTUPS = "new_startups"
KNOWN_STARTUPS = "known_startups"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentReport:
    """The figures for some of the people.

    Attributes:
        name: `all`, `role=investor`, `activity=warm`, `no_history`; startups ranked among themselves: `new_startups`
            (nobody had acted on them), `known_startups`, and either by activity: `new_startups, warm`.
        users: How many people the means are taken over (startups, in the reverse direction).
        catalogue_size: Startups that were ranked for them (people, in the reverse direction).
        engines: Figures of each engine that serves these people.
        differences: Primary engine minus each other one, over the same people.
    """

    name: str
    users: int
    catalogue_size: int
    engines: Figures
    differences: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """What was asked, what was found, and what was left out.

    Attributes:
        primary: The engine that the others are compared with.
        window_start: First judged moment, ISO 8601.
        window_end: End of the judged time, or None for the end of the data.
        catalogue_policy: Name of the rule by which startups were open.
        catalogue_rule: The rule in words.
        catalogue_size: Startups ranked.
        users: People with history to whom something proved relevant: segment `all`.
        relevant_pairs: What proved relevant to them.
        label_above: Acts with a label above this were relevant.
        ks: Cut-offs.
        confidence: Of the intervals.
        resamples: Bootstrap draws behind them.
        left_out: Rows and people that do not count, by reason.
        coverage: Engine name -> `coverage@10` -> share of the catalogue shown to anybody.
        exposure: Engine name -> `gini@10`, `popular_share@10` (places held by the 1 % of startups that most people had
            acted on), `new_share@10` (places held by startups on which nobody had acted).
        new_share_of_catalogue: Share of the catalogue on which nobody had acted.
        calibration: Engine name -> how far its probabilities meet the window's rows, for engines that give any.
        segments: `all` first.
        data: Where the data came from.
    """

    primary: str
    window_start: str
    window_end: str | None
    catalogue_policy: str
    catalogue_rule: str
    catalogue_size: int
    users: int
    relevant_pairs: int
    label_above: float
    ks: tuple[int, ...]
    confidence: float
    resamples: int
    left_out: Mapping[str, int]
    coverage: Mapping[str, Mapping[str, float]]
    exposure: Mapping[str, Mapping[str, float]]
    new_share_of_catalogue: float
    calibration: Mapping[str, Reliability]
    segments: tuple[SegmentReport, ...]
    data: Mapping[str, str]

    def segment(self, name: str = ALL) -> SegmentReport | None:
        """The segment of this name, or None when it has no people."""
        return next((segment for segment in self.segments if segment.name == name), None)

    def means(self, engine: str, segment: str = ALL) -> dict[str, float]:
        """Metric name -> mean of one engine, for a model's manifest; empty when it has no figures there."""
        found = self.segment(segment)
        figures = found.engines.get(engine, {}) if found else {}
        return {metric: interval.mean for metric, interval in figures.items()}

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        return asdict(self)
