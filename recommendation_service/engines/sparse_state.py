"""Sparse matrices as named tensors, for a model file."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from scipy.sparse import csr_matrix
from torch import Tensor


def sparse_to_tensors(name: str, matrix: csr_matrix) -> dict[str, Tensor]:
    """The parts of a matrix under `name.starts`, `name.columns`, `name.values` and `name.shape`."""
    return {
        f"{name}.starts": torch.from_numpy(matrix.indptr.astype("int64")),
        f"{name}.columns": torch.from_numpy(matrix.indices.astype("int32")),
        f"{name}.values": torch.from_numpy(matrix.data.astype("float32")),
        f"{name}.shape": torch.tensor(matrix.shape),
    }


def sparse_from_tensors(name: str, tensors: Mapping[str, Tensor]) -> csr_matrix:
    """The float32 matrix that `sparse_to_tensors` took apart.

    Raises:
        KeyError: If a part is missing.
        ValueError: If the parts do not make a matrix.
    """
    parts = tuple(tensors[f"{name}.{part}"].numpy() for part in ("values", "columns", "starts"))
    return csr_matrix(parts, shape=tuple(tensors[f"{name}.shape"].tolist()))
