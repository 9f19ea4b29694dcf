"""JSON of many lists, put together from pieces: most of every line is that of the line before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from pydantic import TypeAdapter

from contracts.api import BatchLine, Reason
from recommendation_service.engines.types import Catalogue

_REASONS = TypeAdapter(list[Reason])
_NO_ITEMS = '"items":[]'


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFrame:
    """What lines have in common that differ in the person, named twice, and their places alone."""

    before: str
    between: str
    until_items: str
    after: str

    @classmethod
    def of(cls, line: BatchLine) -> Self:
        """From a line with a list without places.

        An id inside quotes of its own, and the gap for the places, can be nowhere else: quotes in strings are escaped.
        """
        before, between, until = line.model_dump_json().split(f'"{line.user_id}"')
        until_items, after = until.split(_NO_ITEMS)
        return cls(before=before, between=between, until_items=until_items, after=after)

    def line(self, user_id: UUID, items: str) -> str:
        """The line of a person with their places."""
        return f'{self.before}"{user_id}"{self.between}"{user_id}"{self.until_items}"items":{items}{self.after}'


def places_json(
    catalogue: Catalogue, columns: Sequence[int], scores: Sequence[float], reasons: Sequence[list[Reason]]
) -> str:
    """Places of a list from the first on, as JSON of `RecommendedStartup`; scores are finite."""
    startups = catalogue.startups
    places = [
        f'{{"startup_id":"{startups[column].id}","rank":{rank},"score":{score!r},"reasons":{_reasons_json(why)}}}'
        for rank, (column, score, why) in enumerate(zip(columns, scores, reasons, strict=True), start=1)
    ]
    return f"[{','.join(places)}]"


def _reasons_json(reasons: list[Reason]) -> str:
    return _REASONS.dump_json(reasons).decode() if reasons else "[]"
