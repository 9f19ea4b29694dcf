"""An engineer, a browser of theirs, and a folder of models as the recommendation service leaves it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

PNG = b"\x89PNG\r\n\x1a\nnot much of a picture"
CARD = """\
# Model card: {version}

## Model details

- Engine `two_tower`, preset `fast`.

## Evaluation

### Test window

2025-12-10 .. the end of the data: 10 relevant pairs.

| segment (people) | engine | ndcg@10 | recall@10 | two_tower minus it, ndcg@10 |
| --- | --- | --- | --- | --- |
| all (1,640) | two_tower | {ndcg} (0.4000 .. 0.6000) | 0.5000 (0.4000 .. 0.6000) |  |
| all (1,640) | ensemble | 0.9000 (0.8000 .. 0.9500) | 0.5000 (0.4000 .. 0.6000) | -0.1 |
| all (1,640) | popularity | 0.1000 (0.0500 .. 0.1500) | 0.1000 (0.0500 .. 0.1500) | +0.4 |
| all (1,640) | als | 0.3000 (0.2500 .. 0.3500) | 0.3000 (0.2500 .. 0.3500) | +0.2 |
| role=investor (323) | two_tower | 0.4444 (0.4000 .. 0.5000) | 0.1 (0.1 .. 0.2) |  |
| role=investor (323) | als | 0.3333 (0.3000 .. 0.4000) | 0.1 (0.1 .. 0.2) | +0.1 |

## How to reproduce

```text
python train_two_tower.py \\

    --data somewhere
```
"""


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    settings.MODELS_DIR = tmp_path / "models"
    settings.JOBS_DIR = tmp_path / "jobs"
    settings.MODELS_DIR.mkdir()


@pytest.fixture
def engineer(make_user):
    return make_user(email="edda@example.org", name="Edda Engineer", is_staff=True)


@pytest.fixture
def console(client, engineer):
    """A browser in which the engineer is logged in."""
    client.force_login(engineer)
    return client


@pytest.fixture
def add_version(settings):
    """`add_version(3, refused=...)` writes the files of `two_tower_v3` and returns its name."""

    def add(number: int, *, ndcg: float = 0.5, card: bool = True, pictures=("curves",), **changes: Any) -> str:
        name = f"two_tower_v{number}"
        manifest = {
            "format": 2,
            "version": name,
            "engine": "two_tower",
            "ensemble": False,
            "created_at": datetime(2026, 1, number, tzinfo=UTC).isoformat(),
            "bytes": 1_000_000,
            "sha256": "a" * 64,
            "tensors": {},
            "dims": {"embedding": 128},
            "config": {"preset": "fast", "towers": "profile"},
            "feature_schema": {},
            "feature_schema_sha256": "b" * 64,
            "split": {"train_until": "2025-12-10T00:00:00+00:00", "validation_from": None, "test_until": None},
            "data": {"path": "/somewhere/two_tower_train.csv"},
            "metrics": {"ndcg@10": ndcg, "recall@10": 0.5},
            "training": {"epochs": 4, "best_epoch": 3},
            "refused": None,
            "libraries": {"python": "3.11"},
        }
        (settings.MODELS_DIR / f"{name}.json").write_text(json.dumps({**manifest, **changes}))
        if card:
            (settings.MODELS_DIR / f"{name}.card.md").write_text(CARD.format(version=name, ndcg=f"{ndcg:.4f}"))
        for picture in pictures:
            (settings.MODELS_DIR / f"{name}.{picture}.png").write_bytes(PNG)
        return name

    return add


@pytest.fixture
def text():
    """`text(response)`: the words of a page's main part, in one line; any other status fails."""

    def read(response, status=200):
        assert response.status_code == status, response.content.decode()[:2000]
        reader = _Words()
        reader.feed(response.content.decode().partition("<main")[2])
        return " ".join(" ".join(reader.words).split())

    return read


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data):
        self.words.append(data)
