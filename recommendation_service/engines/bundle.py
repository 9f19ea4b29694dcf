"""A model as two files: `V.pth` (tensors and plain data, never pickled objects) and `V.json`, its manifest.

The manifest is written last: what lacks a valid one does not exist.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from pickle import UnpicklingError  # nosec B403 - only to name the error of a foreign file
from typing import Any

import torch
from pydantic import ValidationError
from torch import Tensor

from recommendation_service.engines.atomic_files import write_atomically
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.model_manifest import (
    MANIFEST_FORMAT,
    ModelManifest,
    canonical_sha256,
    library_versions,
    non_finite_tensors,
    tensor_entries,
)

_PARTS = {"engine", "tensors", "config", "features", "ensemble"}
_ENSEMBLE = "ensemble/"
"""Begins the names of the ensemble's tensors, which share one table with the engine's own."""
_FOREIGN_CONTENT = (UnpicklingError, RuntimeError, ValueError, LookupError, TypeError, AttributeError, EOFError)
"""What torch raises for bytes that it did not write."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EnsembleState:
    """What an ensemble adds to the model it stands on.

    Attributes:
        tensors: Of its other engines and of its re-ranker, by name.
        description: The rest as JSON data.
    """

    tensors: Mapping[str, Tensor]
    description: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelState:
    """What an engine is made of.

    Attributes:
        engine: Its name.
        tensors: Its weights by name.
        config: Its configuration as JSON data.
        features: Its fitted feature encoder as JSON data.
        dims: Its widths: `user_input`, `startup_input`, `embedding`.
        ensemble: The ensemble that stands on it and switches with it, or None.
    """

    engine: str
    tensors: Mapping[str, Tensor]
    config: Mapping[str, Any]
    features: Mapping[str, Any]
    dims: Mapping[str, int]
    ensemble: EnsembleState | None = None

    @property
    def all_tensors(self) -> dict[str, Tensor]:
        """Its own and the ensemble's, in one table."""
        added = self.ensemble.tensors if self.ensemble else {}
        return {**self.tensors, **{f"{_ENSEMBLE}{name}": tensor for name, tensor in added.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDetails:
    """What a trainer knows about a model besides the model itself; all of it JSON data. See `ModelManifest`."""

    split: Mapping[str, str | None] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bundle:
    """A model file that was proved to be what its manifest says."""

    manifest: ModelManifest
    state: ModelState


def write_bundle(folder: Path, version: str, state: ModelState, details: ModelDetails) -> ModelManifest:
    """Write the file, then its manifest, each whole or not at all.

    Raises:
        ModelFileError: If a weight is not finite; nothing is written then.
        OSError: If the disk refuses.
    """
    broken = non_finite_tensors(state.all_tensors)
    if broken:
        raise ModelFileError(
            f"{version} is not saved: {broken[0]} holds NaN or infinity; train again with a lower rate"
        )
    content = _to_bytes(state)
    manifest = ModelManifest(
        format=MANIFEST_FORMAT,
        version=version,
        engine=state.engine,
        created_at=datetime.now(UTC),
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        ensemble=state.ensemble is not None,
        tensors=tensor_entries(state.all_tensors),
        dims=dict(state.dims),
        config=dict(state.config),
        feature_schema=dict(state.features),
        feature_schema_sha256=canonical_sha256(dict(state.features)),
        split=dict(details.split),
        data=dict(details.data),
        metrics=dict(details.metrics),
        training=dict(details.training),
        refused=details.refused,
        libraries=library_versions(),
    )
    write_atomically(model_file(folder, version), content)
    write_atomically(manifest_file(folder, version), (manifest.model_dump_json(indent=2) + "\n").encode())
    return manifest


def read_manifest(folder: Path, version: str) -> ModelManifest:
    """Read and check the manifest alone.

    Raises:
        ModelFileError: If it is missing, cannot be read, is not a manifest, or of another version or format.
    """
    file = manifest_file(folder, version)
    if not file.exists():
        raise ModelFileError(f"{version} has no manifest {file.name}: it was never finished or is not a model")
    try:
        manifest = ModelManifest.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ModelFileError(_unreadable(file, error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ModelFileError(f"{file.name} is not a model manifest ({where}: {first['msg']})") from error
    if manifest.format != MANIFEST_FORMAT:
        raise ModelFileError(
            f"{file.name} has format {manifest.format}, this program reads {MANIFEST_FORMAT}; train again"
        )
    if manifest.version != version:
        raise ModelFileError(f"{file.name} describes {manifest.version}, not {version}: it was renamed or copied")
    if canonical_sha256(manifest.feature_schema) != manifest.feature_schema_sha256:
        raise ModelFileError(f"{file.name}: the feature schema does not have the hash stated beside it; it was altered")
    return manifest


def read_bundle(folder: Path, version: str) -> Bundle:
    """Read a model and prove that it is what its manifest says.

    Raises:
        ModelFileError: If it is missing, truncated, altered, foreign, holds NaN, or contradicts its manifest.
    """
    manifest = read_manifest(folder, version)
    state = _from_bytes(_verified_content(folder, manifest), manifest)
    broken = non_finite_tensors(state.all_tensors)
    if broken:
        raise ModelFileError(f"{version}: {broken[0]} holds NaN or infinity")
    if tensor_entries(state.all_tensors) != manifest.tensors:
        raise ModelFileError(f"{version}: its tensors do not have the types and shapes that its manifest states")
    if canonical_sha256(dict(state.features)) != manifest.feature_schema_sha256:
        raise ModelFileError(f"{version}: its feature schema is not the one that its manifest states")
    return Bundle(manifest=manifest, state=state)


def model_file(folder: Path, version: str) -> Path:
    """Where the tensors of a version lie."""
    return folder / f"{version}.pth"


def manifest_file(folder: Path, version: str) -> Path:
    """Where the manifest of a version lies."""
    return folder / f"{version}.json"


def _to_bytes(state: ModelState) -> bytes:
    buffer = io.BytesIO()
    parts = {
        "engine": state.engine,
        "tensors": {name: tensor.detach().cpu().contiguous() for name, tensor in state.all_tensors.items()},
        "config": dict(state.config),
        "features": dict(state.features),
        "ensemble": dict(state.ensemble.description) if state.ensemble else None,
    }
    torch.save(parts, buffer)
    return buffer.getvalue()


def _verified_content(folder: Path, manifest: ModelManifest) -> bytes:
    file = model_file(folder, manifest.version)
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise ModelFileError(f"{file.name} is missing beside its manifest") from error
    except OSError as error:
        raise ModelFileError(_unreadable(file, error)) from error
    if len(content) != manifest.bytes:
        raise ModelFileError(
            f"{file.name} has {len(content)} bytes, its manifest says {manifest.bytes}: it is cut off or altered"
        )
    found = hashlib.sha256(content).hexdigest()
    if found != manifest.sha256:
        raise ModelFileError(f"{file.name} has SHA-256 {found}, its manifest says {manifest.sha256}: it was altered")
    return content


def _unreadable(file: Path, error: OSError) -> str:
    return f"{file.name} cannot be read: {error}; let the user of this process read it, or copy it here again"


def _from_bytes(content: bytes, manifest: ModelManifest) -> ModelState:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise ModelFileError(f"{manifest.version}.pth is not a file of tensors and plain data")
    try:
        parts = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except _FOREIGN_CONTENT as error:
        raise ModelFileError(f"{manifest.version}.pth is not a file of tensors and plain data: {error}") from error
    if not isinstance(parts, dict) or set(parts) != _PARTS:
        raise ModelFileError(
            f"{manifest.version}.pth is not a Launchmatch model: it must hold {', '.join(sorted(_PARTS))}"
        )
    if parts["engine"] != manifest.engine:
        raise ModelFileError(
            f"{manifest.version}.pth is a {parts['engine']!r} model, its manifest says {manifest.engine!r}"
        )
    return _state_of(parts, manifest)


def _state_of(parts: Mapping[str, Any], manifest: ModelManifest) -> ModelState:
    own = {name: tensor for name, tensor in parts["tensors"].items() if not name.startswith(_ENSEMBLE)}
    added = {name.removeprefix(_ENSEMBLE): tensor for name, tensor in parts["tensors"].items() if name not in own}
    description = parts["ensemble"]
    return ModelState(
        engine=parts["engine"],
        tensors=own,
        config=parts["config"],
        features=parts["features"],
        dims=manifest.dims,
        ensemble=None if description is None else EnsembleState(tensors=added, description=description),
    )
