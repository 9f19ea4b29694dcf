"""The datasets that trainings were fed."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from console.jobs.folders import JobFolder
from console.models import Job, JobKind
from contracts.dataset import DatasetManifest


def dataset_manifest(*, job: Job) -> DatasetManifest | None:
    """The description of a training's dataset; None before it is whole, or after it was cleared away."""
    if job.kind != JobKind.TRAINING:
        return None
    try:
        return DatasetManifest.model_validate_json(JobFolder(job.pk).dataset.manifest.read_bytes())
    except (OSError, ValidationError):
        return None  # what lacks a valid manifest is not a dataset


def dataset_part(*, job: Job, part: str) -> Path | None:
    """One of the files of a whole dataset, by the part's name; None when there is none."""
    paths = JobFolder(job.pk).dataset
    parts = {"pairs": paths.pairs, "users": paths.users, "startups": paths.startups, "manifest": paths.manifest}
    if dataset_manifest(job=job) is None or part not in parts or not parts[part].is_file():
        return None
    return parts[part]
