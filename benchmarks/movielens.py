"""MovieLens 100K as training data: members as people, films as startups, ratings as acts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl

from contracts.interactions import LABELS, WEIGHTS, InteractionType
from recommendation_service.engines.types import (
    INTERACTION_KINDS,
    Interactions,
    StartupRecord,
    TrainingData,
    UserRecord,
)

KIND_OF_RATING = {
    1: InteractionType.DISLIKE,
    2: InteractionType.DISLIKE,
    3: InteractionType.CLICK,
    4: InteractionType.LIKE,
    5: InteractionType.APPLY,
}
"""What a rating amounts to: 1 and 2 say that the film does not suit, 5 says most."""

_OPENED = datetime(1997, 9, 1, tzinfo=UTC)
"""Before the first rating: every film of the data set could be rated all the time."""


def read_movielens(folder: Path) -> TrainingData:
    """Read `ml-100k.inter`, `.user` and `.item`; a rating's time is in seconds."""
    ratings, members, films = (_table(folder / f"ml-100k.{name}") for name in ("inter", "user", "item"))
    users = [_user(row) for row in members.iter_rows(named=True)]
    startups = [_startup(row) for row in films.iter_rows(named=True)]
    return TrainingData(users=users, startups=startups, interactions=_interactions(ratings, users, startups))


def _table(file: Path) -> pl.DataFrame:
    """A tab-separated file, its columns without their types, as text."""
    table = pl.read_csv(file, separator="\t", infer_schema=False, quote_char=None, encoding="utf8-lossy")
    return table.rename({column: column.partition(":")[0] for column in table.columns})


def _user(row: dict[str, str]) -> UserRecord:
    """Age by decade, gender and occupation are what is known of a member."""
    return UserRecord(
        id=f"member-{row['user_id']}",
        role="member",
        fields=(row["occupation"],),
        tags=(f"age {int(row['age']) // 10 * 10}", f"gender {row['gender']}"),
    )


def _startup(row: dict[str, str]) -> StartupRecord:
    """Genres are tags, the first of them the category; the decade stands for the phase."""
    genres = tuple((row["class"] or "").split())
    year = row["release_year"] or ""
    known = year.isdigit()
    return StartupRecord(
        id=f"film-{row['item_id']}",
        opened_at=_OPENED,
        title=row["movie_title"],
        type="film",
        category=genres[0] if genres else "",
        phase=f"{int(year) // 10 * 10}s" if known else "",
        tags=genres,
        founded_on=date(int(year), 1, 1) if known else None,
    )


def _interactions(ratings: pl.DataFrame, users: list[UserRecord], startups: list[StartupRecord]) -> Interactions:
    row_of = {record.id: row for row, record in enumerate(users)}
    column_of = {record.id: column for column, record in enumerate(startups)}
    kinds = [KIND_OF_RATING[int(rating)] for rating in ratings["rating"]]
    acts = Interactions(
        user=np.array([row_of[f"member-{user}"] for user in ratings["user_id"]], dtype=np.int32),
        startup=np.array([column_of[f"film-{film}"] for film in ratings["item_id"]], dtype=np.int32),
        label=np.array([LABELS[kind] for kind in kinds], dtype=np.float32),
        weight=np.array([WEIGHTS[kind] for kind in kinds], dtype=np.float32),
        kind=np.array([INTERACTION_KINDS.index(kind) for kind in kinds], dtype=np.int8),
        time=ratings["timestamp"].cast(pl.Int64).to_numpy() * 1_000_000,
    )
    return acts.take(np.argsort(acts.time, kind="stable"))
