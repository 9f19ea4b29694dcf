"""The routing table beside a version: which engine answers whom, and why."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

from console.errors import ModelsUnreadableError
from console.model_files.manifests import file_of, read_bounded


class Interval(BaseModel):
    """A mean over people with its interval."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    mean: float
    low: float
    high: float


class Route(BaseModel):
    """What is due for one segment, and the figures that say so."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    engine: str
    default: str
    people: int
    engines: dict[str, Interval]


class Routing(BaseModel):
    """What is due for every segment."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    metric: str
    warm_from: int
    hot_above: int
    segments: dict[str, Route]


def read_routing(version: str) -> Routing | None:
    """The table beside a version; None when there is none: then the defaults route.

    Raises:
        ModelsUnreadableError: If the file is no such table.
    """
    file = file_of(version, "routing.json")
    if not file.exists():
        return None
    try:
        return Routing.model_validate_json(read_bounded(file))
    except ValidationError as error:
        raise ModelsUnreadableError(f"the routing table of {version} cannot be read") from error
