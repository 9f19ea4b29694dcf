"""Writes the pairs file, CSV or Parquet, batch by batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from contracts.interactions import WEIGHTS
from recommendations.datasets.arrow_schemas import PAIR_SCHEMA
from recommendations.datasets.pair_blocks import KIND_LABELS, KINDS, PairRows

_ISO_8601 = "%Y-%m-%dT%H:%M:%S+00:00"  # Arrow's %S has the microseconds
_TIME = PAIR_SCHEMA.get_field_index("event_time")
_CSV_SCHEMA = PAIR_SCHEMA.set(_TIME, pa.field("event_time", pa.string(), nullable=False))
_WEIGHTS = np.array([WEIGHTS[kind] for kind in KINDS], dtype=np.float32)


class PairFile:
    """An open pairs file; a context manager."""

    def __init__(self, path: Path, *, user_ids: pa.StringArray, startup_ids: pa.StringArray) -> None:
        self._ids = (user_ids, startup_ids)
        self._kinds = pa.array(KINDS, type=pa.string())
        self._is_csv = path.suffix == ".csv"
        self._writer = _csv_writer(path) if self._is_csv else pq.ParquetWriter(path, PAIR_SCHEMA)
        self.rows = 0

    def __enter__(self) -> PairFile:
        return self

    def __exit__(self, *_error: object) -> None:
        self._writer.close()

    def write(self, pairs: PairRows) -> None:
        """Append P rows."""
        batch = self._batch(pairs)
        if self._is_csv:
            texts = pc.strftime(batch["event_time"], format=_ISO_8601)
            batch = pa.RecordBatch.from_arrays([*batch.columns[:_TIME], texts], schema=_CSV_SCHEMA)
        self._writer.write_batch(batch)
        self.rows += len(pairs)

    def _batch(self, pairs: PairRows) -> pa.RecordBatch:
        user_ids, startup_ids = self._ids
        columns = [
            user_ids.take(pa.array(pairs.user)),
            startup_ids.take(pa.array(pairs.startup)),
            pa.array(KIND_LABELS[pairs.kind]),
            pa.array(_WEIGHTS[pairs.kind]),
            self._kinds.take(pa.array(pairs.kind)),
            pa.array(pairs.time).cast(PAIR_SCHEMA.field(_TIME).type),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=PAIR_SCHEMA)


def _csv_writer(path: Path) -> pa.csv.CSVWriter:
    # No value needs quotes: ids are UUIDs, types are words.
    options = pa.csv.WriteOptions(quoting_style="none", quoting_header="none")
    return pa.csv.CSVWriter(path, _CSV_SCHEMA, write_options=options)
