"""Startups and activity as lines of JSON and back, without the texts of the startups.

A line holds one startup, or what was done towards one, in the order in which it is written here; nothing else has to be
loaded to read it, and no more than a line is in memory twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from sys import intern

from recommendation_service.adapters.shared_values import shared_location, shared_position, shared_words
from recommendation_service.engines.types import FloatArray, FundingRound, StartupRecord
from recommendation_service.services.startup_activity import StartupActivity

_encode = json.JSONEncoder(separators=(",", ":")).encode
_decode = json.JSONDecoder().decode


def startups_lines(startups: Iterable[StartupRecord]) -> bytes:
    """A line for each startup; whether it has a text stands in place of the text."""
    return _lines(map(_startup_row, startups))


def startups_from_lines(lines: Iterable[bytes], texts: FloatArray, encoder: str | None) -> list[StartupRecord]:
    """The records that `startups_lines` laid out; words that many share are kept once.

    Args:
        lines: N.
        texts: float32 [N, D]; the records' embeddings are views of its rows.
        encoder: What made the texts.

    Raises:
        ValueError: If a line cannot be read.
    """
    return [_startup(line, text, encoder) for line, text in zip(lines, texts, strict=True)]


def activity_lines(activity: Iterable[StartupActivity]) -> bytes:
    """A line for each startup that something was done to."""
    return _lines(map(_activity_row, activity))


def activity_from_lines(lines: Iterable[bytes]) -> list[StartupActivity]:
    """What `activity_lines` laid out.

    Raises:
        ValueError: If a line cannot be read.
    """
    return [_activity(*_decode(line.decode())) for line in lines]


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    content = bytearray()
    for row in rows:
        content += _encode(row).encode()
        content += b"\n"
    return bytes(content)


def _startup_row(startup: StartupRecord) -> Sequence[object]:
    """In the order of `_startup`."""
    place = startup.location
    return (
        startup.id,
        startup.external_id,
        startup.owner_id,
        startup.title,
        startup.type,
        startup.category,
        startup.field,
        startup.phase,
        startup.status,
        (place.country, place.state, place.region, place.city),
        startup.stages,
        startup.tags,
        [(position.title, position.requirements, position.is_active) for position in startup.positions],
        [(made.announced_on.isoformat(), made.kind, made.amount_usd) for made in startup.rounds],
        startup.founded_on and startup.founded_on.isoformat(),
        startup.opened_at.isoformat(),
        startup.closed_at and startup.closed_at.isoformat(),
        startup.embedding is not None,
    )


def _startup(line: bytes, text: FloatArray, encoder: str | None) -> StartupRecord:
    (
        identity,
        external_id,
        owner_id,
        title,
        kind,
        category,
        field,
        phase,
        status,
        place,
        stages,
        tags,
        positions,
        rounds,
        founded_on,
        opened_at,
        closed_at,
        has_text,
    ) = _decode(line.decode())
    return StartupRecord(
        id=identity,
        external_id=external_id,
        owner_id=owner_id and intern(owner_id),
        title=title,
        type=intern(kind),
        category=intern(category),
        field=intern(field),
        phase=intern(phase),
        status=intern(status),
        location=shared_location(*place),
        stages=shared_words(*stages),
        tags=shared_words(*tags),
        positions=tuple(shared_position(*position) for position in positions),
        rounds=tuple(_round(*made) for made in rounds),
        founded_on=founded_on and date.fromisoformat(founded_on),
        opened_at=datetime.fromisoformat(opened_at),
        closed_at=closed_at and datetime.fromisoformat(closed_at),
        embedding=text if has_text else None,
        encoder=encoder if has_text else None,
    )


def _round(day: str, kind: str, amount_usd: float | None) -> FundingRound:
    return FundingRound(announced_on=date.fromisoformat(day), kind=intern(kind), amount_usd=amount_usd)


def _activity_row(recent: StartupActivity) -> Sequence[object]:
    """In the order of `_activity`."""
    return (recent.startup_id, recent.interested, recent.worth, recent.latest.isoformat())


def _activity(startup_id: str, interested: int, worth: float, latest: str) -> StartupActivity:
    return StartupActivity(
        startup_id=startup_id, interested=interested, worth=worth, latest=datetime.fromisoformat(latest)
    )
