"""The curves of a training as a picture."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from recommendation_service.engines.atomic_files import atomic_path
from recommendation_service.engines.training_history import TrainingHistory


def plot_history(history: TrainingHistory, target: Path, *, validation_k: int) -> None:
    """Write loss and validation NDCG per epoch as a PNG.

    Args:
        history: Validated epochs, at least one.
        target: The file to write.
        validation_k: Cut-off of the validation NDCG.
    """
    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    loss_axes, ndcg_axes = figure.subplots(1, 2)
    _curve(loss_axes, history, [record.loss for record in history.epochs], "training loss")
    _curve(
        ndcg_axes, history, [record.validation or 0.0 for record in history.epochs], f"validation NDCG@{validation_k}"
    )
    best = history.best
    ndcg_axes.axvline(best.epoch + 1, color="0.6", linestyle=":", label=f"best: epoch {best.epoch + 1}")
    ndcg_axes.legend()
    with atomic_path(target) as temporary:
        figure.savefig(temporary, format="png", dpi=120)


def _curve(axes: Axes, history: TrainingHistory, values: list[float], name: str) -> None:
    axes.plot([record.epoch + 1 for record in history.epochs], values, marker="o", markersize=3)
    axes.set_xlabel("epoch")
    axes.set_ylabel(name)
    axes.grid(alpha=0.3)
