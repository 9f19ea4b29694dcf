"""The curve of a learning-rate range test as a picture."""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from recommendation_service.engines.atomic_files import atomic_path
from recommendation_service.engines.learning_rate_finder import RateSweep


def plot_rate_sweep(sweep: RateSweep, target: Path) -> None:
    """Write the loss over the rate as a PNG, with the suggested rate.

    Args:
        sweep: A sweep in which the loss fell.
        target: The file to write.
    """
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot(sweep.rates, sweep.losses, color="0.8", label="loss of each step")
    axes.plot(sweep.rates, sweep.smoothed, label="smoothed")
    axes.axvline(sweep.suggestion, color="0.4", linestyle=":", label=f"suggested: {sweep.suggestion:.2g}")
    axes.set_xscale("log")
    axes.set_xlabel("learning rate")
    axes.set_ylabel("training loss")
    axes.legend()
    axes.grid(alpha=0.3)
    with atomic_path(target) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
