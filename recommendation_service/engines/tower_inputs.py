"""The towers' inputs of all records, encoded once: in memory, or in a memory-mapped file where they exceed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from recommendation_service.engines.entity_encoding import EntityEncoder, RecordT
from recommendation_service.engines.types import FloatArray

_ROWS_AT_ONCE = 8192


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TowerInputs:
    """Encoded records.

    Attributes:
        features: float32 [R, F].
        unusable_embeddings: Rows whose text embedding is missing, of the wrong size or not finite.
    """

    features: Tensor
    unusable_embeddings: int


def encode_all(
    encoder: EntityEncoder[RecordT], records: Sequence[RecordT], *, folder: Path | None = None
) -> TowerInputs:
    """Encode records some thousands at a time, so that nothing is held twice.

    Args:
        encoder: Fitted.
        records: R records.
        folder: Where the arrays lie as a file that is paged in as needed; None keeps them in memory.

    Raises:
        OSError: If the file cannot be written.
    """
    width = encoder.encode([]).features.shape[1]
    features, unusable = _allocate((len(records), width), folder), 0
    for start in range(0, len(records), _ROWS_AT_ONCE):
        encoded = encoder.encode(records[start : start + _ROWS_AT_ONCE])
        features[start : start + _ROWS_AT_ONCE] = encoded.features
        unusable += encoded.missing_embeddings + encoded.invalid_embeddings
    return TowerInputs(features=torch.from_numpy(features), unusable_embeddings=unusable)


def _allocate(shape: tuple[int, int], folder: Path | None) -> FloatArray:
    """An array to be filled. The file loses its name as soon as it is mapped: whatever happens, nothing is left."""
    if folder is None or 0 in shape:
        return np.empty(shape, dtype=np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"inputs-{np.random.default_rng().integers(2**63):x}.bin"
    try:
        return np.memmap(file, dtype=np.float32, mode="w+", shape=shape)
    finally:
        file.unlink(missing_ok=True)
