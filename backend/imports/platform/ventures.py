"""The tables `startups`, `positions` and `rounds`."""

from __future__ import annotations

from pathlib import Path

from imports.batching import batches
from imports.errors import RowRefusedError
from imports.identity import identifier_of
from imports.platform.context import ImportContext, OnceOnly
from imports.platform.people import SOURCE
from imports.platform.validation import require_valid
from imports.platform.values import Row
from startups.models import FundingRound, Position, Startup, StartupStatus

_COPIED = ("title", "description", "type", "category", "field", "phase", "stages", "tags", "founded_on", "opened_at")
_PLACE = ("country", "state", "region", "city")


def import_startups(path: Path, context: ImportContext) -> None:
    """Bring the startups in; those whose external id is known stay as they are."""
    keys = OnceOnly("the external_id")

    def build(row: Row) -> Startup | None:
        keys.require_new(row["external_id"])
        return None if row["external_id"] in context.startups else _startup(row, context)

    for batch in batches(context.records("startups", path, build)):
        new = [startup for startup in batch if startup is not None]
        context.writer.create(new)
        context.summary.created["startups"] += len(new)
        context.summary.present["startups"] += len(batch) - len(new)
        context.startups.update((str(startup.external_id), startup.pk) for startup in new)
        context.owners.update((startup.pk, startup.owner_id) for startup in new if startup.owner_id)


def _startup(row: Row, context: ImportContext) -> Startup:
    owner = row["owner_external_id"]
    startup = Startup(
        id=identifier_of(SOURCE, "startup", row["external_id"]),
        external_id=row["external_id"],
        owner_id=context.person(owner) if owner else None,
        status=row["status"] or StartupStatus.ACTIVE,
        closed_at=row["closed_at"],
        **{name: row[name] for name in (*_COPIED, *_PLACE)},
    )
    require_valid(startup)
    if startup.closed_at is not None and startup.closed_at < startup.opened_at:
        raise RowRefusedError("closed_at is before opened_at", startup.closed_at.isoformat())
    return startup


def import_positions(path: Path, context: ImportContext) -> None:
    """Bring the positions in; those whose external id is known stay as they are."""
    keys = OnceOnly("the external_id")
    present = set(Position.objects.exclude(external_id=None).values_list("external_id", flat=True).iterator())

    def build(row: Row) -> Position | None:
        keys.require_new(row["external_id"])
        return None if row["external_id"] in present else _position(row, context)

    for batch in batches(context.records("positions", path, build)):
        new = [position for position in batch if position is not None]
        context.writer.create(new)
        context.summary.created["positions"] += len(new)
        context.summary.present["positions"] += len(batch) - len(new)


def _position(row: Row, context: ImportContext) -> Position:
    position = Position(
        startup_id=context.startup(row["startup_external_id"]),
        external_id=row["external_id"],
        title=row["title"],
        requirements=row["requirements"],
        is_active=row["is_active"] is not False,
    )
    require_valid(position)
    return position


def import_rounds(path: Path, context: ImportContext) -> None:
    """Bring the funding rounds in; a startup has one round of a kind per day."""
    keys = OnceOnly("a round of the same startup, day and kind")
    present = set(FundingRound.objects.values_list("startup_id", "announced_on", "kind").iterator())

    def build(row: Row) -> FundingRound | None:
        keys.require_new(row["startup_external_id"], str(row["announced_on"]), row["kind"])
        funding = _round(row, context)
        return None if (funding.startup_id, funding.announced_on, funding.kind) in present else funding

    for batch in batches(context.records("rounds", path, build)):
        new = [funding for funding in batch if funding is not None]
        context.writer.create(new)
        context.summary.created["rounds"] += len(new)
        context.summary.present["rounds"] += len(batch) - len(new)


def _round(row: Row, context: ImportContext) -> FundingRound:
    if row["amount_usd"] is not None and row["amount_usd"] < 0:
        raise RowRefusedError("amount_usd is below 0", repr(row["amount_usd"]))
    funding = FundingRound(
        startup_id=context.startup(row["startup_external_id"]),
        announced_on=row["announced_on"],
        kind=row["kind"],
        amount_usd=row["amount_usd"],
    )
    require_valid(funding)
    return funding
