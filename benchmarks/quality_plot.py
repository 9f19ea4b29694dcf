"""One picture per data set: every contestant's first metric with its interval."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot
from quality_figures import PartFigures

OURS, THEIRS = "#1f6f54", "#9aa5ab"


def plot_part(name: str, figures: PartFigures, folder: Path) -> Path:
    """Write `quality_NAME.svg`, the same bytes for the same figures, and return its path."""
    metric = figures.metrics()[0]
    contestants = figures.ordered()[::-1]
    found = [figure for contestant in contestants if (figure := figures.find(contestant, metric)) is not None]
    values = [figure.value for figure in found]
    below = [0.0 if figure.low is None else figure.value - figure.low for figure in found]
    above = [0.0 if figure.high is None else figure.high - figure.value for figure in found]
    colours = [OURS if figure.contestant in figures.of_the_product else THEIRS for figure in found]
    with pyplot.rc_context({"svg.hashsalt": name, "font.size": 9}):
        drawing, axes = pyplot.subplots(figsize=(7, 0.32 * len(found) + 0.8), layout="constrained")
        axes.barh([figure.contestant for figure in found], values, xerr=[below, above], color=colours, ecolor="#3c4447")
        axes.set_xlabel(f"{metric}, {name}")
        axes.spines[["top", "right"]].set_visible(False)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"quality_{name}.svg"
        drawing.savefig(path, metadata={"Date": None})
        pyplot.close(drawing)
    return path
