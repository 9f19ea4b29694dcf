"""Which model version a training made: the one whose manifest names the job's dataset."""

from __future__ import annotations

from pathlib import Path

from console.errors import ModelsUnreadableError
from console.model_files.manifests import read_manifest, version_names


def version_made_from(pairs: Path) -> str | None:
    """The newest version that was trained on this very dataset file; None when there is none."""
    made = [version for version in version_names() if _dataset_of(version) == str(pairs)]
    return made[-1] if made else None


def _dataset_of(version: str) -> str | None:
    try:
        return read_manifest(version).data.get("path")
    except ModelsUnreadableError:
        return None  # it is no version of ours to name; the models page says what is wrong with it
