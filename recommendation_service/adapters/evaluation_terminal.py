"""The figures of an evaluation as tables for a terminal, at most 136 columns wide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from recommendation_service.engines.bootstrap import Interval
from recommendation_service.engines.comparison import Comparison, MetricComparison
from recommendation_service.engines.evaluation_report import EvaluationReport, SegmentReport
from recommendation_service.engines.reverse_evaluation import ReverseReport
from recommendation_service.engines.routing_table import RoutingTable

_MEANS = {
    "P@10": "precision@10",
    "R@10": "recall@10",
    "F1@10": "f1@10",
    "HR@10": "hit_rate@10",
    "MAP@10": "map@10",
    "MRR@10": "mrr@10",
    "R@50": "recall@50",
    "AUC": "auc",
}
_COMPARED = ("ndcg@10", "recall@10")


def evaluation_tables(report: EvaluationReport) -> list[Table]:
    """All engines by segment, `all` first; what their lists are like; the primary engine against each other one.

    A table has room for some of the figures; `report.to_dict()` holds them all.
    """
    by_segment = _segments_table("mean over people, by segment", report.segments, report.confidence)
    return [by_segment, _beyond_table(report), _difference_table(report.primary, report.segments[0], report.confidence)]


def evaluation_remarks(report: EvaluationReport) -> list[str]:
    """What was judged and what was left out, a sentence each."""
    return [
        f"Judged on {_window(report.window_start, report.window_end)}: {report.relevant_pairs} relevant pairs of "
        f"{report.users} people with history; ranked: {report.catalogue_size} startups ({report.catalogue_policy}: "
        f"{report.catalogue_rule}).",
        f"Left out: {_counts(report.left_out)}.",
    ]


def reverse_tables(report: ReverseReport) -> list[Table]:
    """All engines in the direction startup -> people, and the primary engine against each other one."""
    by_segment = _segments_table(
        "startup -> people: mean over startups, by segment", report.segments, report.confidence
    )
    return [by_segment, _difference_table(report.primary, report.segments[0], report.confidence)]


def reverse_remarks(report: ReverseReport) -> list[str]:
    """What was judged the other way round and what was left out, a sentence each."""
    return [
        f"Judged startup -> people on {_window(report.window_start, report.window_end)}: {report.relevant_pairs} "
        f"relevant pairs of {report.startups} startups; ranked: {report.people} people ({report.people_rule}).",
        f"Left out: {_counts(report.left_out)}.",
    ]


def comparison_table(comparison: Comparison) -> Table:
    """Every segment and metric of two models, with what it shows about the first."""
    title = (
        f"{comparison.first} minus {comparison.second}; verdicts at {comparison.confidence:.0%} confidence, each "
        f"metric corrected over {len(comparison.segments)} segments"
    )
    table = _table(title, "segment (people)", "metric")
    for heading in (comparison.first, comparison.second, "difference", f"{comparison.confidence:.0%} paired", "p"):
        table.add_column(heading, justify="right")
    table.add_column("first is")
    for segment in comparison.segments:
        label = f"{segment.name} ({segment.users})"
        for metric, found in segment.metrics.items():
            table.add_row(label, metric, *_compared(found))
            label = ""
        table.add_section()
    return table


def routing_table(routes: RoutingTable) -> Table:
    """What is due for each segment, and the figures that say so."""
    table = _table(
        f"routes by {routes.metric} on the validation window {_window(routes.window_start, routes.window_end)}",
        "segment (people)",
        "due",
        "engine",
    )
    for heading in (routes.metric, f"{routes.confidence:.0%}", "minus default", f"{routes.confidence:.0%} paired"):
        table.add_column(heading, justify="right")
    for segment, route in routes.segments.items():
        label, due = f"{segment} ({route.people})", route.engine.value
        for engine, value in route.engines.items():
            difference = _difference(route.against_default.get(engine))
            table.add_row(label, due, engine, f"{value.mean:.4f}", _interval(value), *difference)
            label = due = ""
        table.add_section()
    return table


def _segments_table(title: str, segments: Sequence[SegmentReport], confidence: float) -> Table:
    table = _table(title, "segment, engine")
    for heading in ("NDCG@10", f"{confidence:.0%}", *_MEANS):
        table.add_column(heading, justify="right")
    for segment in segments:
        table.add_row(f"{segment.name} ({segment.users})", style="bold")
        for engine, figures in segment.engines.items():
            cells = [_mean(figures, "ndcg@10"), _interval(figures.get("ndcg@10"))]
            table.add_row(f"  {engine}", *cells, *(_mean(figures, metric) for metric in _MEANS.values()))
        table.add_section()
    return table


def _beyond_table(report: EvaluationReport) -> Table:
    new = f"{report.new_share_of_catalogue:.0%}"
    table = _table(
        f"what the lists are like, all people; {new} of the catalogue is new (nobody had acted on it)", "engine"
    )
    for heading in (
        "Cov@10",
        "Gini@10",
        "top 1% share",
        "new share",
        "novelty@10",
        "diversity@10",
        "ECE",
        "Brier",
        "pairs",
    ):
        table.add_column(heading, justify="right")
    for engine, figures in report.segments[0].engines.items():
        exposure, calibration = report.exposure[engine], report.calibration.get(engine)
        shares = (exposure.get(name) for name in ("gini@10", "popular_share@10", "new_share@10"))
        bits = figures.get("novelty@10")
        table.add_row(
            engine,
            _number(report.coverage[engine].get("coverage@10")),
            *(_number(share) for share in shares),
            "" if bits is None else f"{bits.mean:.2f} bits",
            _mean(figures, "diversity@10"),
            *(
                ["", "", ""]
                if calibration is None
                else _calibrated(calibration.ece, calibration.brier, calibration.pairs)
            ),
        )
    return table


def _difference_table(primary: str, segment: SegmentReport, confidence: float) -> Table:
    table = _table(f"{primary} minus each other engine, {segment.name}; * beyond chance", "minus")
    for metric in _COMPARED:
        table.add_column(metric, justify="right")
        table.add_column(f"{confidence:.0%} paired", justify="right")
    for engine, figures in segment.differences.items():
        table.add_row(engine, *(cell for metric in _COMPARED for cell in _difference(figures.get(metric))))
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading)
    return table


def _mean(figures: Mapping[str, Interval], metric: str) -> str:
    return _number(figures[metric].mean) if metric in figures else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _calibrated(ece: float, brier: float, pairs: int) -> tuple[str, str, str]:
    return _number(ece), _number(brier), str(pairs)


def _interval(value: Interval | None) -> str:
    return "" if value is None else f"{value.low:.4f} .. {value.high:.4f}"


def _difference(value: Interval | None) -> tuple[str, str]:
    if value is None:
        return "", ""
    return f"{value.mean:+.4f}{' *' if value.excludes_zero else ''}", _interval(value)


def _compared(found: MetricComparison) -> tuple[str, ...]:
    return (
        _number(found.first),
        _number(found.second),
        f"{found.difference.mean:+.4f}",
        _interval(found.difference),
        _number(found.p_corrected),
        found.outcome.value,
    )


def _window(start: str, end: str | None) -> str:
    return f"{start[:10]} .. {end[:10] if end else 'the end of the data'}"


def _counts(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{reason.replace('_', ' ')} {count}" for reason, count in left_out.items() if count) or "nothing"
