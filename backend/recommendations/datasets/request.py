"""What is asked of a dataset export, checked before anything is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from contracts.dataset import DatasetPaths
from recommendations.data_errors import DatasetExportError

MAX_SEED = 2**32 - 1


class NegativeStrategy(StrEnum):
    """How the startups that stand as negatives are drawn."""

    UNIFORM = "uniform"
    POPULARITY = "popularity"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRequest:
    """A dataset to be written.

    Attributes:
        output: The pairs file, `.csv` or `.parquet`; the other three are named after it.
        negatives_per_positive: Sampled negatives for each pair with a positive label.
        since: Pairs decided before it are left out (inclusive start), timezone-aware.
        until: What happened at or after it is not looked at (exclusive end), timezone-aware.
        embedding_model: The model id whose embeddings are written; others count as missing.
        generator: Who writes it, for the manifest.

    Raises:
        DatasetExportError: If the values cannot be meant.
    """

    output: Path
    negatives_per_positive: int = 2
    strategy: NegativeStrategy = NegativeStrategy.UNIFORM
    seed: int = 0
    since: datetime | None = None
    until: datetime | None = None
    embedding_model: str
    generator: str

    def __post_init__(self) -> None:
        if self.output.suffix not in {".csv", ".parquet"}:
            raise DatasetExportError(f"--output must end in .csv or .parquet, got {self.output.name!r}")
        if self.negatives_per_positive < 0:
            raise DatasetExportError(f"--negative-samples must be at least 0, got {self.negatives_per_positive}")
        if not 0 <= self.seed <= MAX_SEED:
            raise DatasetExportError(f"--seed must be between 0 and {MAX_SEED}, got {self.seed}")
        if self.since and self.until and self.since >= self.until:
            raise DatasetExportError(
                f"--since {self.since.isoformat()} must lie before --until {self.until.isoformat()}; swap or widen them"
            )

    @property
    def paths(self) -> DatasetPaths:
        """The four files."""
        return DatasetPaths(self.output)
