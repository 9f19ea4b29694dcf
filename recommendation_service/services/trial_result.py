"""What a trial of a configuration came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """A finished trial.

    Attributes:
        number: 1 is the first finished one; it is the configuration as given, where the space allows it.
        values: Name of each dimension -> its value.
        validation: Best validation NDCG; None when the training was refused.
        epochs: How many were trained.
        pruned: Whether it was given up for being behind the others.
        refused: Why the training failed.
    """

    number: int
    values: Mapping[str, Any]
    validation: float | None
    epochs: int
    pruned: bool
    refused: str | None
