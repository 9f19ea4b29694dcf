"""The synthetic platform in a real SQLite database of the declared tables, as Django would store it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert

from recommendation_service.adapters.platform_schema import EVENTS, METADATA, STARTUPS, USERS
from recommendation_service.engines.types import StartupRecord, TrainingData

OPENED = datetime(2026, 1, 1, tzinfo=UTC)


def fill_database(path: Path, platform: TrainingData) -> str:
    """People, open startups, and what people liked; returns its DATABASE_URL."""
    url = f"sqlite:///{path}"
    engine = create_engine(url)
    METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.execute(insert(USERS), [_user(one.id, one.role) for one in platform.users])
        connection.execute(insert(STARTUPS), [_startup(one) for one in platform.startups if one.closed_at is None])
        connection.execute(insert(EVENTS), _likes(platform))
    engine.dispose()
    return url


def _user(identity: str, role: str) -> dict[str, Any]:
    known = {"id": identity, "role": role, "is_active": True, "date_joined": OPENED, "updated_at": OPENED}
    return {name: value for name, value in known.items() if name in USERS.c}


def _startup(startup: StartupRecord) -> dict[str, Any]:
    row: dict[str, Any] = {column.name: "" for column in STARTUPS.columns}
    row |= {name: getattr(startup, name) for name in ("id", "title", "type", "category", "field", "phase")}
    row |= {"external_id": None, "owner_id": None, "founded_on": None, "closed_at": None, "status": "active"}
    return row | {"stages": ["seed"], "tags": [], "opened_at": OPENED, "updated_at": OPENED}


def _likes(platform: TrainingData) -> list[dict[str, Any]]:
    liked = platform.interactions.take(platform.interactions.label > 0)
    pairs = zip(liked.user.tolist(), liked.startup.tolist(), strict=True)
    return [
        {
            "id": row,
            "user_id": platform.users[user].id,
            "startup_id": platform.startups[startup].id,
            "type": "like",
            "occurred_at": OPENED,
            "undoes_id": None,
        }
        for row, (user, startup) in enumerate(pairs)
    ]
