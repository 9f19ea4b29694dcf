"""docs/data-formats.md holds what is true: its sample comes in, and it names every column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accounts.models import User
from imports.platform.columns import TABLES
from imports.platform.importing import import_platform
from imports.progress import SilentProgress
from interactions.models import InteractionEvent

DOCUMENT = (Path(__file__).parents[4] / "docs" / "data-formats.md").read_text(encoding="utf-8")
SAMPLES = re.findall(r"`(\w+\.csv)`\n\n```csv\n(.*?)```", DOCUMENT, flags=re.DOTALL)


@pytest.mark.django_db
def test_the_sample_comes_in_whole(tmp_path: Path) -> None:
    for name, content in SAMPLES:
        (tmp_path / name).write_text(content, encoding="utf-8")

    summary = import_platform(tmp_path, SilentProgress())

    assert not summary.refused
    assert summary.created == {"users": 3, "startups": 2, "positions": 1, "rounds": 1, "interactions": 5}
    assert InteractionEvent.objects.exclude(undoes=None).get().undoes.idempotency_key == "import:like-1"  # type: ignore[union-attr]
    assert User.objects.get(external_id="u-3").startups.get().title == "Heatloop"


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_described(table: str) -> None:
    section = DOCUMENT.split(f"\n### {table}\n")[1].split("\n#")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    described = {name: (cells[1], cells[2] == "yes") for cells in rows for name in re.findall(r"`(\w+)`", cells[0])}
    assert described == {name: (column.kind.value, column.required) for name, column in TABLES[table].items()}
