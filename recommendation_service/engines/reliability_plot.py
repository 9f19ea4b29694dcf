"""The reliability diagram: what share of the pairs with a probability turned out to be liked (Guo et al. 2017)."""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from recommendation_service.engines.atomic_files import atomic_path
from recommendation_service.engines.calibration import Reliability


def plot_reliability(found: Reliability, target: Path) -> None:
    """Write the diagram as a PNG: mean label over mean probability of each bin, and how many pairs each bin holds.

    Args:
        found: Bins over the validation window.
        target: The file to write.
    """
    figure = Figure(figsize=(5.4, 6.0), layout="constrained")
    FigureCanvasAgg(figure)
    diagram, counts = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    diagram.plot([0, 1], [0, 1], color="0.6", linestyle=":", label="perfectly calibrated")
    diagram.plot([bin.probability for bin in found.bins], [bin.label for bin in found.bins], marker="o", label="model")
    diagram.set_ylabel("mean label")
    diagram.set_ylim(0, 1)
    diagram.set_title(f"ECE {found.ece:.3f}, Brier score {found.brier:.3f}, {found.pairs} pairs", fontsize="medium")
    diagram.legend()
    counts.bar(
        [bin.low for bin in found.bins],
        [bin.count for bin in found.bins],
        width=[bin.high - bin.low for bin in found.bins],
        align="edge",
        edgecolor="white",
    )
    counts.set_xlabel("mean probability that the model gives")
    counts.set_ylabel("pairs")
    for axes in (diagram, counts):
        axes.set_xlim(0, 1)
        axes.grid(alpha=0.3)
    with atomic_path(target) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
