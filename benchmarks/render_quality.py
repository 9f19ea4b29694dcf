"""The section of docs/benchmarks.md about ranking quality: tables, segments, differences and plots per data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from quality_figures import OVERALL, Figure, PartFigures
from quality_plot import plot_part

LEGEND = """\
Figures are means over people; a learned contestant is trained under each seed and a person's values are averaged over
the seeds first. Brackets hold 95 % bootstrap intervals over people. Bold is the product's own; everything else is tuned
on the same validation window and learns from the same rows."""


def quality_section(document: Mapping[str, Any], images: Path) -> list[str]:
    """Lines of Markdown; plots are written into `images`, a folder beside the page."""
    lines = [LEGEND, ""]
    for name, part in document["parts"].items():
        figures = PartFigures(name, document["rows"])
        plot = plot_part(name, figures, images)
        lines += [f"### {name}", "", part["protocol"].strip(), ""]
        lines += [f"![{plot.stem.replace('_', ' ')}]({images.name}/{plot.name})", ""]
        lines += [*_overall(figures), "", *_segments(figures), *_differences(figures), *_shares(figures)]
        lines += _settings(part)
    return lines


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table, numbers to the right."""
    return [
        "| " + " | ".join(head) + " |",
        "|" + "|".join(["---", *["---:"] * (len(head) - 1)]) + "|",
        *("| " + " | ".join(row) + " |" for row in rows),
    ]


def _overall(figures: PartFigures) -> list[str]:
    metrics = figures.metrics()
    rows = []
    for contestant in figures.ordered():
        cells = [figures.find(contestant, metric) for metric in metrics]
        rows.append([_name(contestant, figures), *(_cell(cell, with_interval=n == 0) for n, cell in enumerate(cells))])
    return table(["", *metrics], rows)


def _segments(figures: PartFigures) -> list[str]:
    """The first metric of every segment side by side, and what new startups are judged by."""
    columns = [
        (segment, metric)
        for segment in figures.segments
        if segment != OVERALL
        for metric in figures.metrics(segment)[: 2 if segment == "new_startups" else 1]
    ]
    if not columns:
        return []
    rows = [
        [_name(contestant, figures), *(_cell(figures.find(contestant, metric, segment)) for segment, metric in columns)]
        for contestant in figures.ordered()
    ]
    return [*table(["", *(f"{segment} {metric}" for segment, metric in columns)], rows), ""]


def _differences(figures: PartFigures) -> list[str]:
    """What the product has over every peer, and over the best of each segment."""
    rows = [
        [
            f"**{figure.contestant.partition('_minus_')[0]}**",
            figure.segment.replace("_", " ") or "everybody",
            figure.metric,
            f"{figure.against}{' (the best)' if figure.contestant.endswith('_best_peer') else ''}",
            _cell(figure, with_interval=True),
            verdict(figure),
        ]
        for figure in figures.differences
    ]
    return [*table(["", "people", "metric", "peer", "difference", ""], rows), ""] if rows else []


def _shares(figures: PartFigures) -> list[str]:
    rows = [
        [
            _name(figure.contestant, figures),
            figure.segment.replace("_", " ") or "everybody",
            figure.metric.replace("_over_", " / "),
            _cell(figure, with_interval=True),
        ]
        for figure in figures.shares
        if figure.metric.startswith("ndcg")
    ]
    return [*table(["", "people", "share", ""], rows), ""] if rows else []


def _settings(part: Mapping[str, Any]) -> list[str]:
    rows = [[f"`{name}`", f"`{_plain(settings)}`"] for name, settings in part["settings"].items() if settings]
    seeds = ", ".join(map(str, part["seeds"]))
    return [
        f"<details><summary>What was chosen on validation (seeds {seeds})</summary>",
        "",
        *table(["", "settings"], rows),
        "",
        "</details>",
        "",
    ]


def verdict(figure: Figure) -> str:
    """What a paired difference says."""
    if figure.low is None or figure.high is None:
        return ""
    if figure.low > 0:
        return "ahead"
    return "behind" if figure.high < 0 else "not told apart"


def _cell(figure: Figure | None, *, with_interval: bool = False) -> str:
    if figure is None:
        return ""
    interval = f" [{figure.low:.4f}, {figure.high:.4f}]" if with_interval and figure.low is not None else ""
    return f"{figure.value:.4f}{interval}"


def _name(contestant: str, figures: PartFigures) -> str:
    return f"**{contestant}**" if contestant in figures.of_the_product else contestant


def _plain(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in settings.items()).replace("|", "/")
