"""What an export wrote, for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.dataset import DatasetManifest


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSummary:
    """What an export wrote.

    Attributes:
        rows_by_type: Rows of the pairs file by interaction type.
        missing_negatives: Negatives that could not be drawn, because no startup was left to draw.
        inactive_users: People left out because their account is not active.
    """

    path: Path
    manifest: DatasetManifest
    rows_by_type: Mapping[str, int]
    missing_negatives: int
    inactive_users: int
    seconds: float

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        manifest = self.manifest
        rows = manifest.pairs.rows
        return [
            f"{self.path!s}: {rows:,} rows in {self.seconds:.1f} s ({rows / max(self.seconds, 1e-9):,.0f} rows/s)",
            *(f"  {kind:<18}{count:>12,}" for kind, count in self.rows_by_type.items() if count),
            f"  {'users':<18}{manifest.users.rows:>12,}  ({manifest.users_without_embedding:,} without an embedding)",
            f"  {'startups':<18}{manifest.startups.rows:>12,}  "
            f"({manifest.startups_without_embedding:,} without an embedding)",
            f"  from {manifest.window_start} to {manifest.window_end}",
        ]

    def warnings(self) -> list[str]:
        """What the reader of the summary should not overlook."""
        manifest = self.manifest
        unembedded = manifest.users_without_embedding + manifest.startups_without_embedding
        found = []
        if unembedded:
            found.append(
                f"{unembedded:,} users and startups have no embedding; if they have texts, run: "
                "python manage.py generate_embeddings"
            )
        if self.missing_negatives:
            found.append(
                f"{self.missing_negatives:,} negatives could not be drawn: the person had touched, or nobody had yet "
                "opened, every other startup by then"
            )
        if self.inactive_users:
            found.append(f"{self.inactive_users:,} inactive users and what they did were left out")
        return found
