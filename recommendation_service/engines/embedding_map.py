"""The startups' embeddings in two dimensions, coloured by category: do the towers put like beside like?

The plane is that of the two principal components (Pearson 1901), so distances on it are never longer than they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from recommendation_service.engines.atomic_files import atomic_path
from recommendation_service.engines.types import FloatArray

MOST_POINTS = 5000
"""More dots would only hide each other."""
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7f3c8d", "#8c6d31", "#1b1b1b")
"""Told apart by the colour-blind too (Okabe & Ito 2008, and three more)."""
_OTHERS = "0.8"


def principal_plane(vectors: FloatArray) -> tuple[FloatArray, tuple[float, float]]:
    """Coordinates on the two principal components.

    Args:
        vectors: float32 [N, D]; with D of 1 the second coordinate is 0.

    Returns:
        float32 [N, 2], and the share of the variance that each of the two axes shows. The sign of an axis is such that
        its longest coordinate is positive, so that the picture repeats.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    if centred.shape[1] == 1:
        centred = np.pad(centred, ((0, 0), (0, 1)))
    variances, axes = np.linalg.eigh(centred.T @ centred)
    points = centred @ axes[:, :-3:-1]
    longest = np.take_along_axis(points, np.abs(points).argmax(axis=0)[None], axis=0)
    points *= np.where(longest < 0, -1.0, 1.0)
    total = max(float(variances.sum()), np.finfo(np.float64).tiny)
    return points.astype(np.float32), (float(variances[-1]) / total, float(variances[-2]) / total)


def frequent_names(names: Sequence[str]) -> list[str]:
    """The most frequent names that have a colour of their own, most frequent first, ties in order of the alphabet."""
    counts = Counter(name for name in names if name)
    return [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: len(_COLOURS)]]


def plot_embedding_map(vectors: FloatArray, categories: Sequence[str], target: Path) -> None:
    """Write the map as a PNG.

    Args:
        vectors: float32 [N, D], a row per startup.
        categories: N names; empty where it is unknown.
        target: The file to write.
    """
    points, shares = principal_plane(vectors)
    shown = np.unique(np.linspace(0, len(points) - 1, min(len(points), MOST_POINTS)).astype(np.int64))
    named = np.array(categories, dtype=object)
    frequent = frequent_names(categories)
    figure = Figure(figsize=(9.0, 6.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    groups = [(_OTHERS, "other or unknown", ~np.isin(named, frequent))]
    groups += [(colour, name, named == name) for colour, name in zip(_COLOURS, frequent, strict=False)]
    for colour, name, chosen in groups:
        count = int(chosen.sum())
        here = points[shown[chosen[shown]]]
        if count:
            axes.scatter(here[:, 0], here[:, 1], s=9, color=colour, alpha=0.7, linewidths=0, label=f"{count} {name}")
    axes.set_xlabel(f"first principal component ({shares[0]:.0%} of the variance)")
    axes.set_ylabel(f"second ({shares[1]:.0%})")
    axes.set_title(f"{len(vectors)} startups by category")
    legend = axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, markerscale=2.0)
    for text in legend.get_texts():  # a category is what somebody typed, not a formula between dollars
        text.set_parse_math(False)
    axes.grid(alpha=0.2)
    with atomic_path(target) as temporary:
        figure.savefig(temporary, format="png", dpi=120)
