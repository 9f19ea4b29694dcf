"""What one data set contributes to the quality benchmark, and what it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from result import Row

from recommendation_service.engines.splitting import TemporalSplit


@dataclass(frozen=True, kw_only=True)
class QualityOptions:
    """How the benchmark is run.

    Attributes:
        data: Folder of the raw data sets.
        work: Folder where data sets made by the product's commands are kept and found again.
        on_validation: Judge one window earlier, on validation: for development, so that the test window stays closed.
        quick: A reduced set: one seed, the first candidate of every grid, small models.
        seeds: What is random is learned once for each.
    """

    data: Path
    work: Path
    on_validation: bool
    quick: bool
    seeds: Sequence[int]

    def split(self, final: TemporalSplit, development: TemporalSplit) -> TemporalSplit:
        """The cuts of time to judge by."""
        return development if self.on_validation else final

    def candidates(self, grid: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """What to choose from."""
        return grid[:1] if self.quick else grid


@dataclass(frozen=True, kw_only=True)
class PartResult:
    """What was measured on one data set.

    Attributes:
        rows: Named after the data set.
        settings: Contestant -> what was chosen on validation.
        sources: The raw files.
        protocol: One paragraph that says how it was judged.
    """

    rows: Sequence[Row]
    settings: Mapping[str, Any]
    sources: Sequence[Path]
    protocol: str
