"""The parameters of the API's operations, as the OpenAPI document tells them; `list_query` reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.api import DEFAULT_LIMIT, MAX_EXCLUDED, MAX_LIMIT, MAX_TERM_LENGTH, MIN_LIMIT, StartupFilters
from recommendation_service.http_api.list_query import FILTERS
from recommendation_service.http_api.parsing import VERSION_PATTERN, parse_moment, parse_truth
from recommendation_service.services.page_cursor import PageCursor

Parameter = Mapping[str, Any]


def path_id(name: str) -> Parameter:
    """An id in the path."""
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


def _query(name: str, description: str, schema: Mapping[str, Any]) -> Parameter:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _filter(name: str) -> Parameter:
    described = StartupFilters.model_fields[name].description
    if FILTERS[name] is parse_truth:
        return _query(name, "Only startups that have open positions, or that have none.", {"type": "boolean"})
    if FILTERS[name] is parse_moment:
        return _query(name, described or "", {"type": "string", "format": "date-time"})
    return _query(
        name,
        f"Only startups of this {name}; case does not count.",
        {"type": "string", "minLength": 1, "maxLength": MAX_TERM_LENGTH, "pattern": r"\S"},
    )


VERSION: Parameter = {
    "name": "version",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": f"^{VERSION_PATTERN}$"},
}
LIMIT = _query(
    "limit",
    "How many at most.",
    {"type": "integer", "minimum": MIN_LIMIT, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
)
CURSOR = _query(
    "cursor",
    "The `next_cursor` of an earlier answer: more of that list. It goes with `limit` and `explain` alone.",
    {"type": "string", "minLength": PageCursor.LENGTH, "maxLength": PageCursor.LENGTH, "pattern": "^[A-Za-z0-9_-]+$"},
)
ROLE = _query(
    "role",
    "Only people of this role, case does not count; nobody has one that does not exist.",
    {"type": "string", "minLength": 1, "maxLength": MAX_TERM_LENGTH, "pattern": r"\S"},
)
EXPLAIN = _query("explain", "Whether each item says why it is there.", {"type": "boolean", "default": True})
FILTER_PARAMETERS: Sequence[Parameter] = [_filter(name) for name in FILTERS]


def _exclude(what: str) -> Parameter:
    ids = {"type": "array", "maxItems": MAX_EXCLUDED, "items": {"type": "string", "format": "uuid"}}
    return {**_query("exclude", f"{what} that must not be in the list; repeat it.", ids), "explode": True}


EXCLUDE_STARTUPS = _exclude("Startups")
EXCLUDE_PEOPLE = _exclude("People")
