"""The description of a model file, and the proof that the file is whole: `two_tower_vN.json`."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import torch
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from torch import Tensor

MANIFEST_FORMAT = 2
_LIBRARIES = ("torch", "numpy", "polars")


class TensorEntry(BaseModel):
    """What one tensor of the file must be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dtype: str
    shape: list[int]


class ModelManifest(BaseModel):
    """What a model file holds, what it was trained on and how good it was.

    Attributes:
        format: Of this description.
        version: Name of the version, e.g. `two_tower_v3`; the file is `{version}.pth`.
        engine: Name of the engine that it is a model of.
        ensemble: Whether the file also holds an ensemble that stands on that engine.
        created_at: When it was written.
        bytes: Size of the file.
        sha256: Of the file.
        tensors: Type and shape of every tensor in it.
        dims: Widths: `user_input`, `startup_input`, `embedding`.
        config: The training configuration.
        feature_schema: The fitted feature encoder.
        feature_schema_sha256: Of `feature_schema` as canonical JSON.
        split: The cuts of time, as `TemporalSplit.to_dict`.
        data: The dataset: path, hash of its manifest, window.
        metrics: Figures of the evaluation, e.g. `ndcg@10`.
        training: Summary of the training: epochs, best epoch, losses.
        refused: Why its own training found that it must not serve; None when it may.
        libraries: Versions that wrote the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    format: int
    version: str
    engine: str
    ensemble: bool = False
    created_at: AwareDatetime
    bytes: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    tensors: dict[str, TensorEntry]
    dims: dict[str, int]
    config: dict[str, Any]
    feature_schema: dict[str, Any]
    feature_schema_sha256: str
    split: dict[str, str | None]
    data: dict[str, str]
    metrics: dict[str, float]
    training: dict[str, Any]
    refused: str | None = None
    libraries: dict[str, str]

    @property
    def encoder(self) -> str | None:
        """What made the texts of the dataset; None where its manifest does not tell."""
        return self.data.get("embedding_model") or None


def tensor_entries(tensors: Mapping[str, Tensor]) -> dict[str, TensorEntry]:
    """Type and shape of every tensor."""
    return {
        name: TensorEntry(dtype=str(tensor.dtype).removeprefix("torch."), shape=list(tensor.shape))
        for name, tensor in tensors.items()
    }


def canonical_sha256(value: object) -> str:
    """SHA-256 of plain data, independent of the order of keys and of spacing."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def library_versions() -> dict[str, str]:
    """Versions of what a model file depends on."""
    return {"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES}


def non_finite_tensors(tensors: Mapping[str, Tensor]) -> list[str]:
    """Names of the tensors that hold NaN or infinity."""
    return [name for name, tensor in tensors.items() if not bool(torch.isfinite(tensor).all())]
