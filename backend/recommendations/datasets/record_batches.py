"""Rows from the database as Arrow batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from contracts.dataset import EMBEDDING_DIM
from recommendations.datasets.arrow_schemas import EMBEDDING
from recommendations.embedding_vectors import vector_from_bytes

CHUNK = 2000
"""Rows of an entities file held at once."""


def record_batch(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows by column name as one batch; `embedding` holds stored bytes or None.

    Raises:
        EmbeddingError: If stored bytes are not a whole, finite vector.
    """
    columns = [_column([row[field.name] for row in rows], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(values: list[Any], kind: pa.DataType) -> pa.Array:
    return _embedding_column(values) if kind == EMBEDDING else pa.array(values, type=kind)


def _embedding_column(stored: Sequence[bytes | memoryview | None]) -> pa.FixedSizeListArray:
    values = np.zeros((len(stored), EMBEDDING_DIM), dtype=np.float32)
    for row, vector in enumerate(stored):
        if vector is not None:
            values[row] = vector_from_bytes(vector)
    missing = pa.array([vector is None for vector in stored], type=pa.bool_())
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), type=EMBEDDING, mask=missing)
