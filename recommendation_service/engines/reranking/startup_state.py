"""Startup records as tensors and JSON data, for a model file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

import numpy as np
import torch
from torch import Tensor

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.engines.types import FundingRound, Location, Position, StartupRecord

_LISTS = ("stages", "tags")
_MOMENTS = ("opened_at", "closed_at")


def startups_to_state(startups: Sequence[StartupRecord]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Texts as one tensor `startups.embeddings`, all else as JSON data."""
    embeddings = np.zeros((len(startups), EMBEDDING_DIM), dtype=np.float32)
    has_embedding = np.zeros(len(startups), dtype=np.bool_)
    for row, startup in enumerate(startups):
        if startup.embedding is not None:
            embeddings[row], has_embedding[row] = startup.embedding, True
    tensors = {
        "startups.embeddings": torch.from_numpy(embeddings),
        "startups.has_embedding": torch.from_numpy(has_embedding),
    }
    return tensors, {"startups": [_to_json(startup) for startup in startups]}


def startups_from_state(tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> list[StartupRecord]:
    """The records that `startups_to_state` described.

    Raises:
        KeyError: If a part is missing.
        TypeError: If a record has a field that is unknown here.
    """
    embeddings = tensors["startups.embeddings"].numpy()
    has_embedding = tensors["startups.has_embedding"].tolist()
    return [
        _from_json(record, embeddings[row] if has_embedding[row] else None)
        for row, record in enumerate(description["startups"])
    ]


def _to_json(startup: StartupRecord) -> dict[str, Any]:
    names = [field.name for field in fields(startup) if field.name != "embedding"]
    return {name: _plain(getattr(startup, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Location):
        return asdict(value)
    if isinstance(value, tuple):
        return [_plain_part(part) for part in value]
    return value


def _plain_part(part: Any) -> Any:
    if isinstance(part, FundingRound):
        return {**asdict(part), "announced_on": part.announced_on.isoformat()}
    return asdict(part) if isinstance(part, Position) else part


def _from_json(record: Mapping[str, Any], embedding: Any) -> StartupRecord:
    values = dict(record)
    for name in _LISTS:
        values[name] = tuple(values[name])
    for name in _MOMENTS:
        values[name] = None if values[name] is None else datetime.fromisoformat(values[name])
    values["founded_on"] = _date(values["founded_on"])
    values["location"] = Location(**values["location"])
    values["positions"] = tuple(Position(**position) for position in values["positions"])
    values["rounds"] = tuple(
        FundingRound(**{**item, "announced_on": date.fromisoformat(item["announced_on"])}) for item in values["rounds"]
    )
    return StartupRecord(**values, embedding=embedding)


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
