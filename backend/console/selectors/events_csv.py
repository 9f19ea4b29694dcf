"""Events as CSV, a few thousand rows in memory at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

from console.selectors.data_quality import recent_events

COLUMNS = (
    "id",
    "user_id",
    "startup_id",
    "type",
    "occurred_at",
    "recorded_at",
    "undoes_id",
    "recommendation_request_id",
    "recommendation_position",
)
"""Ids, types and times only: no text of anybody's, which a spreadsheet might take for a formula."""
CHUNK = 2_000


def events_csv(*, days: int) -> Iterator[str]:
    """The header, then the events of the last days before the newest one, oldest first."""
    rows = recent_events(timedelta(days=days)).order_by("occurred_at", "id").values_list(*COLUMNS)
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    for number, (row_id, *others) in enumerate(rows.iterator(chunk_size=CHUNK), start=1):
        writer.writerow([row_id, *(value.isoformat() if hasattr(value, "isoformat") else value for value in others)])
        if number % CHUNK == 0:
            yield _taken(line)
    yield _taken(line)


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text
