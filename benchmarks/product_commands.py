"""Data sets made by the product's own commands, from raw data to dataset files, and kept for the next run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from result import sha256

from recommendation_service.adapters.dataset_files import read_dataset
from recommendation_service.engines.errors import DatasetError
from recommendation_service.engines.types import TrainingData

REPOSITORY = Path(__file__).resolve().parents[1]
BACKEND = REPOSITORY / "backend"


def make_dataset(folder: Path, fill: Sequence[str], raw: Path | None) -> TrainingData:
    """Run `fill`, `generate_embeddings` and `generate_two_tower_dataset` on a fresh database, and read what they wrote.

    A data set that the same commands made of the same raw file is read instead.

    Args:
        folder: For the database, the data set and what else `fill` writes.
        fill: A command of `manage.py` that fills the database, with its arguments.
        raw: The file it reads, if any.
    """
    dataset = folder / "two_tower_train.csv"
    recipe = {"fill": [Path(part).name for part in fill], "raw": sha256(raw) if raw else None, "negatives": 2}
    note = folder / "made_from.json"
    if note.exists() and json.loads(note.read_text()) == recipe:
        try:
            return read_dataset(dataset)
        except DatasetError as error:
            print(f"{folder} is made anew: {error}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    for old in (note, *folder.glob("launchmatch.sqlite3*")):
        old.unlink(missing_ok=True)
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder.resolve() / 'launchmatch.sqlite3'}"}
    _manage(["migrate", "--verbosity", "0"], environment)
    _manage(fill, environment)
    _manage(["generate_embeddings"], environment)
    _manage(["generate_two_tower_dataset", "--output", str(dataset.resolve()), "--negative-samples", "2"], environment)
    data = read_dataset(dataset)
    note.write_text(json.dumps(recipe) + "\n")
    return data


def _manage(command: Sequence[str], environment: dict[str, str]) -> None:
    print("$ manage.py", " ".join(command), flush=True)
    subprocess.run([sys.executable, "manage.py", *command], cwd=BACKEND, env=environment, check=True)
