"""What a job is asked to do, as it stands in the database."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

from django.db import models

from console.errors import JobRefusedError

MAX_EPOCHS = 500


class Preset(models.TextChoices):
    """Where a training's configuration begins; the names are those of `train_two_tower.py --preset`."""

    DEFAULT = "default", "Default: two towers on profiles, the specified sizes"
    FAST = "fast", "Fast: small towers, for a first look"
    DEEP = "deep", "Deep: larger towers"
    HISTORY = "history", "History: towers that learn from what people did"


class ImportSource(models.TextChoices):
    """The formats that come in."""

    PLATFORM = "platform", "Tables of a platform (CSV or Parquet)"
    CRUNCHBASE = "crunchbase", "Crunchbase's export of October 2013 (zip)"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingParameters:
    """A training.

    Attributes:
        preset: Where the configuration begins.
        ensemble: Whether an ensemble is learned beside the towers.
        epochs: The most passes over the data; the preset's own number when left out.

    Raises:
        JobRefusedError: If a value cannot be meant.
    """

    preset: str = Preset.DEFAULT
    ensemble: bool = False
    epochs: int | None = None

    def __post_init__(self) -> None:
        if self.preset not in Preset.values:
            raise JobRefusedError(f"there is no preset {self.preset!r}; there are {', '.join(Preset.values)}")
        if self.epochs is not None and not 1 <= self.epochs <= MAX_EPOCHS:
            raise JobRefusedError(f"a training takes 1 to {MAX_EPOCHS} epochs, got {self.epochs}")

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """What `to_json` stored."""
        return cls(**stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportParameters:
    """An import.

    Attributes:
        source: The format.
        files: The files that were uploaded, by the names that the format gives them.
    """

    source: str
    files: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {"source": str(self.source), "files": list(self.files)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """What `to_json` stored."""
        return cls(source=stored["source"], files=tuple(stored["files"]))
