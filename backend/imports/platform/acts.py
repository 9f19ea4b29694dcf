"""The table `interactions`: acts, and the undoing of acts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from contracts.interactions import InteractionType
from imports.batching import batches
from imports.bulk import create_events, events_by_key
from imports.errors import RowRefusedError
from imports.platform.context import ImportContext, OnceOnly
from imports.platform.values import Row
from interactions.models import InteractionEvent
from interactions.services import MAX_KEY_LENGTH, UNDO_KEY_PREFIX

_KEY_PREFIX = "import:"
_MAX_KEY = MAX_KEY_LENGTH - len(_KEY_PREFIX)


def import_acts(path: Path, context: ImportContext) -> None:
    """Bring the acts in, then their undoings; an act that is known by its key stays as it is."""
    acts = _ActRows(context=context)
    for batch in batches(context.records("interactions", path, acts.build)):
        create_events([event for event in batch if event is not None], context.writer, context.summary)
    undone = OnceOnly("the undoing of the same act")
    for undoings in batches(acts.undoings):
        create_events(_tied_to_acts(undoings, undone, context), context.writer, context.summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """A row that takes an act back, kept until all acts are in."""

    row: int
    act_key: str
    event: InteractionEvent


@dataclass(kw_only=True)
class _ActRows:
    """Builds events; undoings are kept for later."""

    context: ImportContext
    keys: OnceOnly = field(default_factory=lambda: OnceOnly("the act"))
    undoings: list[Undoing] = field(default_factory=list)
    now: datetime = field(default_factory=timezone.now)

    def build(self, row: Row) -> InteractionEvent | None:
        event = self._event(row)
        if row["undoes"]:
            undoing = Undoing(row=self.context.row, act_key=_stored_key(row["undoes"]), event=event)
            self.undoings.append(undoing)
            return None
        event.idempotency_key = _stored_key(row["key"]) if row["key"] else _derived_key(row)
        self.keys.require_new(row["user_external_id"], row["key"] or event.idempotency_key)
        return event

    def _event(self, row: Row) -> InteractionEvent:
        user, startup = self.context.person(row["user_external_id"]), self.context.startup(row["startup_external_id"])
        if row["type"] not in set(InteractionType):
            raise RowRefusedError(f"type is none of {', '.join(InteractionType)}", repr(row["type"]))
        if row["occurred_at"] > self.now:
            raise RowRefusedError("occurred_at lies in the future", row["occurred_at"].isoformat())
        if self.context.owners.get(startup) == user:
            raise RowRefusedError("the user owns the startup", row["startup_external_id"])
        return InteractionEvent(user_id=user, startup_id=startup, type=row["type"], occurred_at=row["occurred_at"])


def _tied_to_acts(undoings: list[Undoing], undone: OnceOnly, context: ImportContext) -> list[InteractionEvent]:
    """The events of the undoings whose act is there, each tied to it; the others are counted as refused."""
    acts = events_by_key([(undoing.event.user_id, undoing.act_key) for undoing in undoings])
    tied = []
    for undoing in undoings:
        try:
            tied.append(_tied(undoing, acts.get((undoing.event.user_id, undoing.act_key)), undone))
        except RowRefusedError as refusal:
            context.summary.refuse("interactions", undoing.row, refusal)
    return tied


def _tied(undoing: Undoing, act: InteractionEvent | None, undone: OnceOnly) -> InteractionEvent:
    event = undoing.event
    if act is None or (act.startup_id, act.type) != (event.startup_id, event.type):
        key = undoing.act_key.removeprefix(_KEY_PREFIX)
        raise RowRefusedError("undoes is no key of an act of the same user, startup and type", key)
    if event.occurred_at < act.occurred_at:
        raise RowRefusedError("occurred_at is before the act that it undoes", event.occurred_at.isoformat())
    event.undoes_id = act.pk
    event.idempotency_key = f"{UNDO_KEY_PREFIX}{act.pk}"
    undone.require_new(event.idempotency_key)
    return event


def _stored_key(key: str) -> str:
    if len(key) > _MAX_KEY:
        raise RowRefusedError(f"a key has more than {_MAX_KEY} characters", f"{key[:20]}...")
    return f"{_KEY_PREFIX}{key}"


def _derived_key(row: Row) -> str:
    """The same act has the same key in every file: what was done to which startup, and when."""
    act = f"{row['startup_external_id']} {row['type']} {row['occurred_at'].isoformat()}"
    return f"{_KEY_PREFIX}sha256:{hashlib.sha256(act.encode()).hexdigest()}"
