"""The figures of an evaluation as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table

from recommendation_service.engines.bootstrap import Interval
from recommendation_service.engines.evaluation_report import ALL, EvaluationReport

_MEANS = {
    "P@10": "precision@10",
    "R@10": "recall@10",
    "F1@10": "f1@10",
    "HR@10": "hit_rate@10",
    "MAP@10": "map@10",
    "R@50": "recall@50",
}
_COVERAGE = "coverage@10"
_COMPARED = ("ndcg@10", "recall@10")


def evaluation_tables(report: EvaluationReport) -> list[Table]:
    """All engines by segment, `all` first; then the primary engine against each other one.

    A table has room for some of the figures; `report.to_dict()` holds them all.
    """
    return [_segments_table(report), _difference_table(report)]


def evaluation_remarks(report: EvaluationReport) -> list[str]:
    """What was judged and what was left out, a sentence each."""
    window = f"{report.window_start[:10]} .. {report.window_end[:10] if report.window_end else 'the end of the data'}"
    left_out = ", ".join(f"{reason.replace('_', ' ')} {count}" for reason, count in report.left_out.items() if count)
    return [
        f"Judged on {window}: {report.relevant_pairs} relevant pairs of {report.users} people with history; "
        f"ranked: {report.catalogue_size} startups ({report.catalogue_policy}: {report.catalogue_rule}).",
        f"Left out: {left_out or 'nothing'}.",
    ]


def _segments_table(report: EvaluationReport) -> Table:
    table = _table("mean over people, by segment", "people", "engine")
    for heading in ("NDCG@10", f"{report.confidence:.0%}", *_MEANS, "Cov@10"):
        table.add_column(heading, justify="right")
    for segment in report.segments:
        label = f"{segment.name} ({segment.users})"
        for engine, figures in segment.engines.items():
            cells = [_mean(figures, "ndcg@10"), _interval(figures.get("ndcg@10"))]
            cells += [_mean(figures, metric) for metric in _MEANS.values()]
            coverage = report.coverage[engine].get(_COVERAGE) if segment.name == ALL else None
            table.add_row(label, engine, *cells, "" if coverage is None else f"{coverage:.4f}")
            label = ""
        table.add_section()
    return table


def _difference_table(report: EvaluationReport) -> Table:
    table = _table(f"{report.primary} minus each other engine, all people; * beyond chance", "minus")
    for metric in _COMPARED:
        table.add_column(metric, justify="right")
        table.add_column(f"{report.confidence:.0%} paired", justify="right")
    segment = report.segment()
    for engine, figures in (segment.differences if segment else {}).items():
        table.add_row(engine, *(cell for metric in _COMPARED for cell in _difference(figures.get(metric))))
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading)
    return table


def _mean(figures: Mapping[str, Interval], metric: str) -> str:
    return f"{figures[metric].mean:.4f}" if metric in figures else ""


def _interval(value: Interval | None) -> str:
    return "" if value is None else f"{value.low:.4f} .. {value.high:.4f}"


def _difference(value: Interval | None) -> tuple[str, str]:
    if value is None:
        return "", ""
    return f"{value.mean:+.4f}{' *' if value.excludes_zero else ''}", _interval(value)
