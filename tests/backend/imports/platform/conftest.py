"""A folder in the generic format, made of lists of rows."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FolderWriter = Callable[..., Path]

USER = {"external_id": "u-1", "role": "student"}
STARTUP = {"external_id": "s-1", "title": "Heatloop", "type": "collaboration", "opened_at": "2025-01-06"}
POSITION = {"external_id": "p-1", "startup_external_id": "s-1", "title": "Engineer"}
ROUND = {"startup_external_id": "s-1", "announced_on": "2025-02-01", "kind": "seed", "amount_usd": "250000"}
ACT = {"user_external_id": "u-1", "startup_external_id": "s-1", "type": "like", "occurred_at": "2025-01-08T10:00:00"}
EXAMPLES = {"users": USER, "startups": STARTUP, "positions": POSITION, "rounds": ROUND, "interactions": ACT}


@pytest.fixture
def write_folder(tmp_path: Path) -> FolderWriter:
    """`write_folder(users=[{}, {"role": "pirate"}])`: each row is the example row with some values changed."""
    folder = tmp_path / "platform"
    folder.mkdir()

    def write(**tables: list[dict[str, Any]]) -> Path:
        for table, changes in tables.items():
            rows = [{**EXAMPLES[table], **change} for change in changes]
            columns = list(dict.fromkeys(name for row in rows for name in row))
            with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns, restval="")
                writer.writeheader()
                writer.writerows(rows)
        return folder

    return write
