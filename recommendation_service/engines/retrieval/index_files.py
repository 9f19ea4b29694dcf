"""Vectors on disk: a folder with the vectors, what was removed, and a description written last."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from recommendation_service.engines.atomic_files import atomic_path, write_atomically
from recommendation_service.engines.retrieval.errors import VectorIndexError
from recommendation_service.engines.types import BoolArray, FloatArray

_VERSION = 1
_DESCRIPTION, _VECTORS, _REMOVED = "index.json", "vectors.npy", "removed.npy"


def save_vectors(folder: Path, kind: str, vectors: FloatArray, removed: BoolArray, **more: Any) -> None:
    """Write vectors [N, D], a mask [N] of removed ones, and what else describes the index."""
    write_array(folder / _VECTORS, vectors)
    write_array(folder / _REMOVED, removed)
    description = {"version": _VERSION, "kind": kind, "count": len(vectors), "width": vectors.shape[1], **more}
    write_atomically(folder / _DESCRIPTION, json.dumps(description).encode())


def load_vectors(folder: Path, kind: str) -> tuple[FloatArray, BoolArray]:
    """Vectors [N, D], mapped from the file, and a mask [N] of removed ones.

    Raises:
        VectorIndexError: If something is missing, damaged or of another kind.
    """
    description = read_description(folder, kind)
    vectors = _read(lambda: np.load(folder / _VECTORS, mmap_mode="r"), folder)
    removed = _read(lambda: np.load(folder / _REMOVED), folder)
    count, width = description.get("count"), description.get("width")
    if vectors.shape != (count, width) or vectors.dtype != np.float32 or removed.shape != (count,):
        raise VectorIndexError(
            f"the index in {folder} should hold {count} float32 vectors of width {width}, but holds "
            f"{vectors.dtype} {list(vectors.shape)}; build it again"
        )
    return vectors, removed


def read_description(folder: Path, kind: str) -> dict[str, Any]:
    """What describes a saved index.

    Raises:
        VectorIndexError: If it is missing, damaged or of another kind.
    """
    description = _read(lambda: json.loads((folder / _DESCRIPTION).read_bytes()), folder)
    if not isinstance(description, dict) or description.get("version") != _VERSION:
        raise VectorIndexError(f"{folder / _DESCRIPTION} does not describe an index of this version; build it again")
    if description.get("kind") != kind:
        raise VectorIndexError(f"the index in {folder} is of kind {description.get('kind')!r}, not {kind!r}")
    return description


def write_array(path: Path, values: np.ndarray[Any, Any]) -> None:
    """Write one array, whole or not at all."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.save(file, values, allow_pickle=False)


def _read(step: Callable[[], Any], folder: Path) -> Any:
    try:
        return step()
    except (OSError, ValueError, EOFError) as error:
        raise VectorIndexError(f"the index in {folder} cannot be read: {error}; build it again") from error
