"""Everybody's lists as one Parquet file, written block by block and whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recommendation_service.engines.atomic_files import atomic_path
from recommendation_service.services.block_ranking import RankedPerson
from recommendation_service.services.snapshot import Snapshot

SCHEMA = pa.schema(
    [
        ("user_id", pa.string()),
        ("rank", pa.int32()),
        ("startup_id", pa.string()),
        ("score", pa.float32()),
        ("rung", pa.string()),
        ("engine", pa.string()),
        ("model_version", pa.string()),
        ("generated_at", pa.timestamp("us", tz="UTC")),
    ]
)


class RecommendationsWriter:
    """Appends people's lists to a file that is being written."""

    def __init__(self, writer: pq.ParquetWriter, snapshot: Snapshot, generated_at: datetime) -> None:
        self._writer = writer
        self._startup_ids = pa.array([startup.id for startup in snapshot.catalogue.startups], pa.string())
        self._generated_at = pa.scalar(generated_at, SCHEMA.field("generated_at").type)

    def write(self, people: Sequence[RankedPerson]) -> int:
        """Append the lists of some people, and say how many rows those are."""
        lengths = np.array([len(one.answer.columns) for one in people], dtype=np.int64)
        rows = int(lengths.sum())
        if not rows:
            return 0
        person = np.repeat(np.arange(len(people)), lengths)
        first = np.cumsum(lengths) - lengths
        columns = [
            _of_each([one.person.state.record.id for one in people], person),
            pa.array((np.arange(rows) - first[person] + 1).astype(np.int32)),
            self._startup_ids.take(pa.array(np.concatenate([one.answer.columns for one in people]))),
            pa.array(np.concatenate([one.answer.scores for one in people]).astype(np.float32)),
            _of_each([one.answer.rung.value for one in people], person),
            _of_each([one.answer.engine for one in people], person),
            _of_each([one.answer.model_version for one in people], person),
            pa.repeat(self._generated_at, rows),
        ]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))
        return rows


def _of_each(values: Sequence[str | None], rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(rows))


@contextmanager
def recommendations_file(target: Path, snapshot: Snapshot, generated_at: datetime) -> Iterator[RecommendationsWriter]:
    """A file that becomes `target` when the block ends without an error.

    Columns: user_id, rank (1 is the best), startup_id, score, rung, engine, model_version, generated_at.

    Raises:
        OSError: If it cannot be written; what was there before is left as it was.
    """
    with atomic_path(target) as temporary, pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer:
        yield RecommendationsWriter(writer, snapshot, generated_at)
