"""Reads the dataset files that the platform writes, after proving that they are what their manifest says."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ValidationError

from contracts.dataset import EMBEDDING_DIM, SCHEMA_VERSION, DatasetManifest, DatasetPaths, FileEntry
from recommendation_service.adapters.dataset_tables import read_interactions, read_startups, read_users
from recommendation_service.engines.errors import DatasetError
from recommendation_service.engines.types import TrainingData

_CHUNK = 1 << 20


def read_dataset(path: Path) -> TrainingData:
    """Read a dataset whole.

    Args:
        path: The pairs file, `.csv` or `.parquet`; the other files lie beside it.

    Returns:
        Records in file order and interactions in order of time. `provenance` holds the path, the SHA-256 of the
        manifest, and the window of time that the rows cover.

    Raises:
        DatasetError: If a file is missing, incomplete, altered, of another schema version, or contradicts itself;
            the message says which and names the command that writes a fresh one.
    """
    paths = _dataset_paths(path)
    manifest = _read_manifest(paths)
    for file, entry in (
        (paths.pairs, manifest.pairs),
        (paths.users, manifest.users),
        (paths.startups, manifest.startups),
    ):
        _verify_file(file, entry, paths)
    users = read_users(paths.users, rows=manifest.users.rows, encoder=manifest.embedding_model)
    startups = read_startups(paths.startups, rows=manifest.startups.rows, encoder=manifest.embedding_model)
    interactions = read_interactions(
        paths.pairs,
        rows=manifest.pairs.rows,
        user_ids=[user.id for user in users],
        startup_ids=[s.id for s in startups],
    )
    return TrainingData(
        users=users, startups=startups, interactions=interactions, provenance=_provenance(paths, manifest)
    )


def read_manifest(path: Path) -> DatasetManifest:
    """Read only the description of a dataset.

    Raises:
        DatasetError: If it is missing, not a manifest, or of another schema version.
    """
    return _read_manifest(_dataset_paths(path))


def _dataset_paths(path: Path) -> DatasetPaths:
    try:
        return DatasetPaths(pairs=path)
    except ValueError as error:
        raise DatasetError(str(error)) from error


def _cure(paths: DatasetPaths) -> str:
    return f"run `python manage.py generate_two_tower_dataset --output {paths.pairs}` in backend/"


def _read_manifest(paths: DatasetPaths) -> DatasetManifest:
    if not paths.pairs.exists():
        raise DatasetError(f"no dataset at {paths.pairs}; {_cure(paths)}")
    if not paths.manifest.exists():
        raise DatasetError(
            f"{paths.pairs} has no manifest {paths.manifest.name}, so it is not a whole dataset; {_cure(paths)}"
        )
    try:
        manifest = DatasetManifest.model_validate_json(paths.manifest.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DatasetError(
            f"{paths.manifest} is not a dataset manifest ({where}: {first['msg']}); {_cure(paths)}"
        ) from error
    _verify_schema(paths, manifest)
    return manifest


def _verify_schema(paths: DatasetPaths, manifest: DatasetManifest) -> None:
    if manifest.schema_version != SCHEMA_VERSION:
        raise DatasetError(
            f"{paths.manifest} has schema version {manifest.schema_version}, this program reads {SCHEMA_VERSION}; "
            + _cure(paths)
        )
    if manifest.embedding_dim != EMBEDDING_DIM:
        raise DatasetError(
            f"{paths.manifest} has embeddings of {manifest.embedding_dim} dimensions, expected {EMBEDDING_DIM}; "
            "run `python manage.py generate_embeddings --force` in backend/, then write the dataset again"
        )


def _verify_file(file: Path, entry: FileEntry, paths: DatasetPaths) -> None:
    if not file.exists():
        raise DatasetError(f"{file} is missing from the dataset {paths.pairs.name}; {_cure(paths)}")
    size = file.stat().st_size
    if size != entry.bytes:
        raise DatasetError(
            f"{file} has {size} bytes, its manifest says {entry.bytes}: it is cut off or altered; {_cure(paths)}"
        )
    found = _sha256(file)
    if found != entry.sha256:
        raise DatasetError(
            f"{file} has SHA-256 {found}, its manifest says {entry.sha256}: it was altered; {_cure(paths)}"
        )


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _provenance(paths: DatasetPaths, manifest: DatasetManifest) -> dict[str, str]:
    return {
        "path": str(paths.pairs),
        "manifest_sha256": _sha256(paths.manifest),
        "created_at": manifest.created_at.isoformat(),
        "window_start": manifest.window_start.isoformat() if manifest.window_start else "",
        "window_end": manifest.window_end.isoformat() if manifest.window_end else "",
        "embedding_model": manifest.embedding_model or "",
    }
