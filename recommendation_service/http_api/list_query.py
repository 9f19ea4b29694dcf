"""The query parameters of lists: how many, from where on, drawn from which startups, explained or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from werkzeug.datastructures import MultiDict

from contracts.api import DEFAULT_LIMIT, MAX_EXCLUDED, StartupFilters
from recommendation_service.http_api.parsing import (
    InvalidRequestError,
    only_value,
    parse_id,
    parse_limit,
    parse_moment,
    parse_term,
    parse_truth,
    refuse_unknown,
)
from recommendation_service.services.list_request import NO_FILTERS
from recommendation_service.services.page_cursor import PageCursor

Query = MultiDict[str, str]
Value = TypeVar("Value")

FILTERS: Mapping[str, Callable[[str, str], Any]] = {
    **dict.fromkeys(("type", "category", "field", "phase", "stage", "tag"), parse_term),
    "has_open_positions": parse_truth,
    "created_after": parse_moment,
}
"""How each filter is read, by its name in the query and in `StartupFilters`."""
SIMILAR_PARAMETERS = ("limit", *FILTERS, "exclude", "explain")
RECOMMENDATIONS_PARAMETERS = ("limit", "cursor", *FILTERS, "exclude", "explain")
PEOPLE_PARAMETERS = ("limit", "role", "exclude", "explain")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """What a query asks of a list."""

    limit: int
    filters: StartupFilters = NO_FILTERS
    exclude: tuple[UUID, ...] = ()
    explain: bool = True
    cursor: PageCursor | None = None
    role: str | None = None


def parse_list_query(query: Query, known: tuple[str, ...]) -> ListQuery:
    """The query of a list route.

    Args:
        query: As it came.
        known: The parameters of the route.

    Raises:
        InvalidRequestError: If a parameter is not known, given twice or not valid, or does not go with a cursor.
    """
    refuse_unknown(query, known)
    cursor = _one(query, "cursor", None, _parse_cursor)
    if cursor is not None:
        _refuse_beside_cursor(query)
    return ListQuery(
        limit=_one(query, "limit", DEFAULT_LIMIT, lambda text, _: parse_limit(text)),
        filters=_filters(query),
        exclude=_excluded(query),
        explain=_one(query, "explain", True, parse_truth),
        cursor=cursor,
        role=_one(query, "role", None, parse_term),
    )


def parse_limit_only(query: Query) -> int:
    """The parameter `limit`, the default where it is not given; no other parameter is known.

    Raises:
        InvalidRequestError: If it is not valid, or beside unknown ones.
    """
    return parse_list_query(query, ("limit",)).limit


def parse_nothing(query: Query) -> None:
    """No parameter is known.

    Raises:
        InvalidRequestError: If there is one.
    """
    refuse_unknown(query, ())


def _one(query: Query, name: str, default: Value, parse: Callable[[str, str], Value]) -> Value:
    text = only_value(query, name)
    return default if text is None else parse(text, name)


def _filters(query: Query) -> StartupFilters:
    """Most lists are not filtered, and making a model costs more than looking."""
    given = [name for name in FILTERS if name in query]
    if not given:
        return NO_FILTERS
    return StartupFilters(**{name: _one(query, name, None, FILTERS[name]) for name in given})


def _excluded(query: Query) -> tuple[UUID, ...]:
    """`exclude` is repeated, once for each id."""
    texts = query.getlist("exclude")
    if len(texts) > MAX_EXCLUDED:
        raise InvalidRequestError(f"at most {MAX_EXCLUDED} may be excluded, got {len(texts)}")
    return tuple(parse_id(text, "excluded") for text in texts)


def _parse_cursor(text: str, name: str) -> PageCursor | None:
    try:
        return PageCursor.decode(text)
    except ValueError as error:
        raise InvalidRequestError(f"{name} must be the next_cursor of an earlier answer: {error}") from error


def _refuse_beside_cursor(query: Query) -> None:
    for name in (*FILTERS, "exclude"):
        if name in query:
            raise InvalidRequestError(
                f"{name} cannot be changed from page to page; ask again without a cursor for another list"
            )
