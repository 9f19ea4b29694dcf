"""Writing many rows: in batches, each record once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from accounts.models import User
from imports.batching import batches
from imports.progress import ProgressReporter
from imports.row_writer import ModelT, RowWriter
from imports.summary import ImportSummary
from interactions.models import InteractionEvent
from startups.models import Startup

LOOKUP_SIZE = 50
"""Events looked up at once; the index is probed for each pair of a person and a key among them, so few are fast."""
EventKey = tuple[UUID, str]
"""A person and an idempotency key."""


def create_all(rows: Sequence[ModelT], *, writer: RowWriter, description: str, progress: ProgressReporter) -> None:
    """Insert `rows`, with a bar that counts them."""
    for batch in batches(progress.track(rows, description=description, total=len(rows))):
        writer.create(batch)


def ids_by_external_id(model: type[User] | type[Startup]) -> dict[str, UUID]:
    """The key of every record that came from elsewhere."""
    rows = model._default_manager.exclude(external_id=None).values_list("external_id", "id")
    return {external_id: key for external_id, key in rows.iterator() if external_id is not None}


def create_events(events: Sequence[InteractionEvent], writer: RowWriter, summary: ImportSummary) -> None:
    """Insert the events of one batch that the database does not hold yet.

    An event is known by its person and idempotency key, of which no two in the batch may be alike.
    """
    present = events_by_key([(event.user_id, event.idempotency_key) for event in events])
    new = [event for event in events if (event.user_id, event.idempotency_key) not in present]
    writer.create(new)
    summary.created["interactions"] += len(new)
    summary.present["interactions"] += len(events) - len(new)


def events_by_key(keys: Sequence[EventKey]) -> dict[EventKey, InteractionEvent]:
    """The events that the database holds of these."""
    return {
        (event.user_id, event.idempotency_key): event
        for chunk in batches(keys, LOOKUP_SIZE)
        for event in InteractionEvent.objects.filter(
            user_id__in={user for user, _ in chunk}, idempotency_key__in=[key for _, key in chunk]
        )
    }
