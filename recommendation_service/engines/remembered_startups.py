"""Startups that a model must know although no catalogue names them any more: those that histories may hold.

Their records travel in the model file as tensors: texts as a matrix, everything else as JSON bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import torch
from torch import Tensor

from recommendation_service.engines.types import FundingRound, Location, Position, StartupRecord

_RECORDS, _TEXTS, _HAS_TEXT = "startups.records", "startups.texts", "startups.has_text"


def startups_to_tensors(startups: Sequence[StartupRecord]) -> dict[str, Tensor]:
    """Records as tensors under names of their own; `startups_from_tensors` gives equal ones back.

    Embeddings that are not finite or not of the common width are kept as missing, as every engine treats them.
    """
    width = max((len(startup.embedding) for startup in startups if startup.embedding is not None), default=0)
    usable = [_usable(startup.embedding, width) for startup in startups]
    texts = np.zeros((len(startups), width), dtype=np.float32)
    for row, (startup, has_text) in enumerate(zip(startups, usable, strict=True)):
        if has_text:
            texts[row] = startup.embedding
    content = json.dumps([_to_json(startup) for startup in startups], ensure_ascii=False, separators=(",", ":"))
    return {
        _RECORDS: torch.from_numpy(np.frombuffer(content.encode(), dtype=np.uint8).copy()),
        _TEXTS: torch.from_numpy(texts),
        _HAS_TEXT: torch.tensor(usable, dtype=torch.bool),
    }


def startups_from_tensors(tensors: Mapping[str, Tensor]) -> list[StartupRecord]:
    """The records that `startups_to_tensors` took apart.

    Raises:
        KeyError: If a tensor is missing.
        ValueError: If a tensor is damaged.
    """
    texts, has_text = tensors[_TEXTS].numpy(), tensors[_HAS_TEXT].tolist()
    records = [_from_json(record) for record in json.loads(tensors[_RECORDS].numpy().tobytes())]
    return [
        replace(record, embedding=text) if known else record
        for record, text, known in zip(records, texts, has_text, strict=True)
    ]


def _usable(embedding: np.ndarray[Any, np.dtype[np.float32]] | None, width: int) -> bool:
    return embedding is not None and embedding.shape == (width,) and bool(np.isfinite(embedding).all())


def _to_json(startup: StartupRecord) -> dict[str, Any]:
    """A record without its embedding; moments and dates as ISO text, empty values left out."""
    values = {field.name: getattr(startup, field.name) for field in fields(startup) if field.name != "embedding"}
    values["location"] = asdict(startup.location)
    values["positions"] = [asdict(position) for position in startup.positions]
    values["rounds"] = [
        asdict(funding) | {"announced_on": funding.announced_on.isoformat()} for funding in startup.rounds
    ]
    for name in ("opened_at", "closed_at", "founded_on"):
        if values[name] is not None:
            values[name] = values[name].isoformat()
    return {name: value for name, value in values.items() if value not in (None, "", (), [])}


def _from_json(values: dict[str, Any]) -> StartupRecord:
    closed_at, founded_on = values.get("closed_at"), values.get("founded_on")
    rounds = values.get("rounds", ())
    return StartupRecord(
        **values
        | {
            "opened_at": datetime.fromisoformat(values["opened_at"]),
            "closed_at": closed_at and datetime.fromisoformat(closed_at),
            "founded_on": founded_on and date.fromisoformat(founded_on),
            "stages": tuple(values.get("stages", ())),
            "tags": tuple(values.get("tags", ())),
            "location": Location(**values["location"]),
            "positions": tuple(Position(**position) for position in values.get("positions", ())),
            "rounds": tuple(
                FundingRound(**funding | {"announced_on": date.fromisoformat(funding["announced_on"])})
                for funding in rounds
            ),
            "status": values.get("status", ""),
        }
    )
