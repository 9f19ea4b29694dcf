"""Stored embeddings as one Arrow column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from contracts.dataset import EMBEDDING_DIM
from recommendations.datasets.arrow_schemas import EMBEDDING
from recommendations.embedding_vectors import vector_from_bytes


def embedding_column(stored: Sequence[bytes | memoryview | None]) -> pa.FixedSizeListArray:
    """N stored vectors as a column of float32 [EMBEDDING_DIM], null where there is none.

    Raises:
        EmbeddingError: If one of them is not a whole, finite vector.
    """
    values = np.zeros((len(stored), EMBEDDING_DIM), dtype=np.float32)
    for row, vector in enumerate(stored):
        if vector is not None:
            values[row] = vector_from_bytes(vector)
    missing = pa.array([vector is None for vector in stored], type=pa.bool_())
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), type=EMBEDDING, mask=missing)
