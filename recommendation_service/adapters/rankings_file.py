"""The rankings behind an evaluation as a Parquet file, so that anyone can recompute its figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from recommendation_service.engines.atomic_files import atomic_path
from recommendation_service.engines.evaluation import Evaluation
from recommendation_service.engines.evaluation_task import EvaluationTask
from recommendation_service.engines.types import Ranking, StartupRecord, UserRecord


def write_rankings(evaluation: Evaluation, target: Path) -> int:
    """Write every place of every list, and return how many rows that is.

    Columns: engine, user_id, user_external_id, has_history (whether the person belongs to segment `all`), startup_id,
    startup_external_id, rank (1 is the best), score.

    Raises:
        OSError: If the file cannot be written; nothing is left behind then.
    """
    frames = [_frame(engine, ranking, evaluation.task) for engine, ranking in evaluation.rankings.items()]
    table = pl.concat(frames)
    with atomic_path(target) as temporary:
        table.write_parquet(temporary)
    return len(table)


def _frame(engine: str, ranking: Ranking, task: EvaluationTask) -> pl.DataFrame:
    row, place = np.nonzero(ranking.columns >= 0)
    column = ranking.columns[row, place]
    users = _ids([task.data.users[index] for index in task.users], "user")
    startups = _ids(task.catalogue.startups, "startup")
    return pl.concat(
        [
            pl.DataFrame({"engine": [engine] * len(row)}, schema={"engine": pl.String}),
            users[row],
            pl.DataFrame({"has_history": task.has_history[row]}),
            startups[column],
            pl.DataFrame({"rank": (place + 1).astype(np.int32), "score": ranking.scores[row, place]}),
        ],
        how="horizontal",
    )


def _ids(records: Sequence[UserRecord] | Sequence[StartupRecord], kind: str) -> pl.DataFrame:
    schema = {f"{kind}_id": pl.String, f"{kind}_external_id": pl.String}
    return pl.DataFrame([(record.id, record.external_id) for record in records], schema=schema, orient="row")
