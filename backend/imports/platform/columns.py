"""The tables of the generic format and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What a column holds, in the words of the documentation."""

    TEXT = "text"
    TERMS = "terms"
    FLAG = "flag"
    DAY = "day"
    MOMENT = "moment"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; a table without a required column is refused, and so is a row without its value."""

    kind: Kind = Kind.TEXT
    required: bool = False


_TEXT, _TERMS, _KEY = Column(), Column(kind=Kind.TERMS), Column(required=True)
_PLACE = {"country": _TEXT, "state": _TEXT, "region": _TEXT, "city": _TEXT}

TABLES: Mapping[str, Mapping[str, Column]] = MappingProxyType(
    {
        "users": {
            "external_id": _KEY,
            "role": _KEY,
            "email": _TEXT,
            "name": _TEXT,
            "joined_at": Column(kind=Kind.MOMENT),
            "bio": _TEXT,
            "skills": _TERMS,
            **_PLACE,
            "is_public": Column(kind=Kind.FLAG),
            "preferred_categories": _TERMS,
            "preferred_fields": _TERMS,
            "preferred_tags": _TERMS,
            "preferred_stages": _TERMS,
            "preferred_skills": _TERMS,
        },
        "startups": {
            "external_id": _KEY,
            "title": _KEY,
            "type": _KEY,
            "opened_at": Column(kind=Kind.MOMENT, required=True),
            "owner_external_id": _TEXT,
            "description": _TEXT,
            "category": _TEXT,
            "field": _TEXT,
            "phase": _TEXT,
            "stages": _TERMS,
            "tags": _TERMS,
            "status": _TEXT,
            "founded_on": Column(kind=Kind.DAY),
            "closed_at": Column(kind=Kind.MOMENT),
            **_PLACE,
        },
        "positions": {
            "external_id": _KEY,
            "startup_external_id": _KEY,
            "title": _KEY,
            "requirements": _TEXT,
            "is_active": Column(kind=Kind.FLAG),
        },
        "rounds": {
            "startup_external_id": _KEY,
            "announced_on": Column(kind=Kind.DAY, required=True),
            "kind": _TEXT,
            "amount_usd": Column(kind=Kind.NUMBER),
        },
        "interactions": {
            "user_external_id": _KEY,
            "startup_external_id": _KEY,
            "type": _KEY,
            "occurred_at": Column(kind=Kind.MOMENT, required=True),
            "key": _TEXT,
            "undoes": _TEXT,
        },
    }
)
"""In the order in which they are brought in: who is referred to comes first."""
