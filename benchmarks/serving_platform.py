"""A simulated platform with a trained model, made by the product's own commands, for benchmarks of serving."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

REPOSITORY = Path(__file__).resolve().parents[1]
BACKEND = REPOSITORY / "backend"
SERVICE = REPOSITORY / "recommendation_service"
ACTIVE_PEOPLE = """
    SELECT u.id FROM accounts_user u JOIN interactions_interactionevent e ON e.user_id = u.id
    WHERE u.is_active GROUP BY u.id HAVING COUNT(DISTINCT e.startup_id) >= ? ORDER BY u.id
"""


@dataclass(frozen=True, kw_only=True)
class PlatformSize:
    """How large it is, and which model serves it; texts are embedded by the small deterministic encoder."""

    startups: int
    users: int = 1000
    days: int = 60
    seed: int = 7
    training: Sequence[str] = ("--preset", "history", "--epochs", "2")


@dataclass(frozen=True, kw_only=True)
class ServedPlatform:
    """A platform that a service can serve.

    Attributes:
        folder: Holds the database, the models and the service's state.
        environment: For the service's process.
    """

    folder: Path
    environment: Mapping[str, str]

    def people(self, least_acts: int = 5) -> list[UUID]:
        """Members who touched at least this many startups."""
        with closing(sqlite3.connect(self.folder / "launchmatch.sqlite3")) as connection:
            return [UUID(row[0]) for row in connection.execute(ACTIVE_PEOPLE, (least_acts,))]


def make_platform(folder: Path, size: PlatformSize) -> ServedPlatform:
    """Seed, embed, export, train and activate; what the same size left in the folder is used again."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    database, dataset, note = folder / "launchmatch.sqlite3", folder / "train.csv", folder / "made_of.json"
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{database}",
        "TEXT_ENCODER": "hashing",
        "MODELS_DIR": str(folder / "models"),
        "STATE_DIR": str(folder / "state"),
    }
    recipe = json.loads(json.dumps(asdict(size)))
    if not (note.exists() and json.loads(note.read_text()) == recipe):
        for old in (note, *folder.glob("launchmatch.sqlite3*")):
            old.unlink(missing_ok=True)
        for command in _commands(size, folder, dataset):
            _run(command, environment)
        note.write_text(json.dumps(recipe) + "\n")
    _run(["manage.py", "migrate", "--verbosity", "0"], environment)  # what was made earlier may lack a migration
    return ServedPlatform(folder=folder, environment=environment)


def train_another(platform: ServedPlatform) -> str:
    """Train and register one more version, which is not activated; returns its name."""
    models = platform.folder / "models"
    before = {file.stem for file in models.glob("two_tower_v*.pth")}
    command = ["train_two_tower.py", "--data", str(platform.folder / "train.csv"), "--models", str(models)]
    _run([*command, "--preset", "history", "--epochs", "1", "--seed", "1"], platform.environment)
    return next(file.stem for file in models.glob("two_tower_v*.pth") if file.stem not in before)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    print("$", " ".join(command), flush=True)
    home = SERVICE if command[0].startswith("train") else BACKEND
    subprocess.run([sys.executable, *command], cwd=home, env=environment, check=True, stdout=subprocess.DEVNULL)


def _commands(size: PlatformSize, folder: Path, dataset: Path) -> list[list[str]]:
    models = str(folder / "models")
    count = ["--users", str(size.users), "--startups", str(size.startups), "--days", str(size.days)]
    oracle = ["--seed", str(size.seed), "--oracle", str(folder / "oracle.npz")]
    return [
        ["manage.py", "migrate", "--verbosity", "0"],
        ["manage.py", "seed_platform", *count, *oracle],
        ["manage.py", "generate_embeddings"],
        ["manage.py", "generate_two_tower_dataset", "--output", str(dataset), "--negative-samples", "2"],
        [
            "train_two_tower.py",
            "--data",
            str(dataset),
            "--models",
            models,
            *size.training,
            "--activate",
        ],
    ]
