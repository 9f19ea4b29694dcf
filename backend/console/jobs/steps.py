"""The commands that a job runs one after the other."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from config.environment import REPOSITORY
from console.jobs.folders import JobFolder
from console.jobs.parameters import ImportParameters, ImportSource, TrainingParameters
from console.models import Job, JobKind

BACKEND = REPOSITORY / "backend"
SERVICE = REPOSITORY / "recommendation_service"
NEGATIVES = "2"
EXPORT_NAME = "crunch2013.zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command.

    Attributes:
        name: What the page calls it.
        command: Program and arguments.
        folder: Where it runs.
    """

    name: str
    command: tuple[str, ...]
    folder: Path


def steps_of(job: Job) -> list[Step]:
    """What a job runs."""
    folder = JobFolder(job.pk)
    if job.kind == JobKind.TRAINING:
        return [_embeddings(), _dataset(folder), _training(folder, TrainingParameters.from_json(job.parameters))]
    return [_import(folder, ImportParameters.from_json(job.parameters)), _embeddings()]


def _embeddings() -> Step:
    return _manage("Embeddings", "generate_embeddings")


def _dataset(folder: JobFolder) -> Step:
    output = str(folder.dataset.pairs)
    return _manage("Dataset", "generate_two_tower_dataset", "--output", output, "--negative-samples", NEGATIVES)


def _training(folder: JobFolder, wanted: TrainingParameters) -> Step:
    where = ["--data", str(folder.dataset.pairs), "--models", str(settings.MODELS_DIR)]
    what = ["--preset", wanted.preset, "--write-routing"]
    what += ["--ensemble"] if wanted.ensemble else []
    what += ["--epochs", str(wanted.epochs)] if wanted.epochs else []
    command = (sys.executable, "train_two_tower.py", *where, *what)
    return Step(name="Training and evaluation", command=command, folder=SERVICE)


def _import(folder: JobFolder, wanted: ImportParameters) -> Step:
    if wanted.source == ImportSource.CRUNCHBASE:
        return _manage("Import", "import_crunchbase", str(folder.upload / EXPORT_NAME))
    return _manage("Import", "import_platform", str(folder.upload))


def _manage(name: str, *arguments: str) -> Step:
    return Step(name=name, command=(sys.executable, "manage.py", *arguments), folder=BACKEND)
