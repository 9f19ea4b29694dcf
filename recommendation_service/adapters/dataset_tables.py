"""Turns the tables of a dataset into typed records and arrays, refusing what contradicts the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from contracts.dataset import EMBEDDING_DIM, PAIR_COLUMNS, STARTUP_COLUMNS, USER_COLUMNS
from recommendation_service.adapters.dataset_cells import missing_inside
from recommendation_service.engines.errors import DatasetError
from recommendation_service.engines.types import (
    INTERACTION_KINDS,
    FloatArray,
    FundingRound,
    Interactions,
    Location,
    Position,
    StartupRecord,
    UserRecord,
)

_MOMENT = pl.Datetime("us", "UTC")
_CSV_MOMENT = "%Y-%m-%dT%H:%M:%S%.6f%:z"
_POLARS_TYPES: Mapping[str, pl.DataType] = {
    "str": pl.String(),
    "float32": pl.Float32(),
    "date": pl.Date(),
    "datetime[us, UTC]": _MOMENT,
    "list[str]": pl.List(pl.String()),
    f"array[float32, {EMBEDDING_DIM}]": pl.Array(pl.Float32(), EMBEDDING_DIM),
    "list[struct{title: str, requirements: str, is_active: bool}]": pl.List(
        pl.Struct({"title": pl.String(), "requirements": pl.String(), "is_active": pl.Boolean()})
    ),
    "list[struct{announced_on: date, kind: str, amount_usd: float64?}]": pl.List(
        pl.Struct({"announced_on": pl.Date(), "kind": pl.String(), "amount_usd": pl.Float64()})
    ),
}
"""The columns of `contracts.dataset` in this library's types (without the `?` of nullable ones)."""


def read_users(file: Path, *, rows: int, encoder: str | None) -> list[UserRecord]:
    """Every user of a users file, whose texts an encoder made.

    Raises:
        DatasetError: If the table is not `rows` long, lacks a column, has a null where none may be, or repeats an id.
    """
    table = _read_parquet(file, USER_COLUMNS, rows)
    _refuse_repeated(table["user_id"], file)
    embeddings = _embeddings(table["embedding"], file)
    return [
        UserRecord(
            id=row["user_id"],
            external_id=row["external_id"],
            role=row["role"],
            location=_location(row),
            skills=tuple(row["skills"]),
            categories=tuple(row["categories"]),
            fields=tuple(row["fields"]),
            tags=tuple(row["tags"]),
            stages=tuple(row["stages"]),
            embedding=embedding,
            encoder=None if embedding is None else encoder,
        )
        for row, embedding in zip(table.drop("embedding").iter_rows(named=True), embeddings, strict=True)
    ]


def read_startups(file: Path, *, rows: int, encoder: str | None) -> list[StartupRecord]:
    """Every startup of a startups file, whose texts an encoder made.

    Raises:
        DatasetError: If the table is not `rows` long, lacks a column, has a null where none may be, or repeats an id.
    """
    table = _read_parquet(file, STARTUP_COLUMNS, rows)
    _refuse_repeated(table["startup_id"], file)
    embeddings = _embeddings(table["embedding"], file)
    return [
        _startup(row, embedding, encoder)
        for row, embedding in zip(table.drop("embedding").iter_rows(named=True), embeddings, strict=True)
    ]


def read_interactions(file: Path, *, rows: int, user_ids: Sequence[str], startup_ids: Sequence[str]) -> Interactions:
    """The pairs of a dataset as arrays, in order of time (ties in file order).

    Args:
        file: CSV or Parquet of `PAIR_COLUMNS`.
        rows: How many rows the manifest promises.
        user_ids: Ids of the users file; positions become `Interactions.user`.
        startup_ids: Likewise for startups.

    Raises:
        DatasetError: If the table contradicts the contract: see the message.
    """
    table = (_read_csv if file.suffix == ".csv" else _read_parquet)(file, PAIR_COLUMNS, rows)
    table = table.sort("event_time", maintain_order=True)
    label, weight = table["label"].to_numpy(), table["weight"].to_numpy()
    _require(file, "label", label, (label >= 0) & (label <= 1), "must lie in [0, 1]")
    _require(file, "weight", weight, (weight > 0) & np.isfinite(weight), "must be above 0")
    user = _positions(table["user_id"], user_ids, file, "is not in the users file")
    startup = _positions(table["startup_id"], startup_ids, file, "is not in the startups file")
    _refuse_repeated_pairs(user, startup, file)
    return Interactions(
        user=user.astype(np.int32),
        startup=startup.astype(np.int32),
        label=label.astype(np.float32),
        weight=weight.astype(np.float32),
        kind=_positions(table["interaction_type"], INTERACTION_KINDS, file, "is no interaction type").astype(np.int8),
        time=table["event_time"].to_physical().to_numpy().astype(np.int64),
    )


def _startup(row: Mapping[str, Any], embedding: FloatArray | None, encoder: str | None) -> StartupRecord:
    return StartupRecord(
        id=row["startup_id"],
        external_id=row["external_id"],
        owner_id=row["owner_id"],
        title=row["title"],
        type=row["type"],
        category=row["category"],
        field=row["field"],
        phase=row["phase"],
        status=row["status"],
        stages=tuple(row["stages"]),
        tags=tuple(row["tags"]),
        location=_location(row),
        positions=tuple(Position(**position) for position in row["positions"]),
        founded_on=row["founded_on"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        rounds=tuple(FundingRound(**funding_round) for funding_round in row["rounds"]),
        embedding=embedding,
        encoder=None if embedding is None else encoder,
    )


def _location(row: Mapping[str, Any]) -> Location:
    return Location(country=row["country"], state=row["state"], region=row["region"], city=row["city"])


def _read_parquet(file: Path, columns: Mapping[str, str], rows: int) -> pl.DataFrame:
    try:
        table = pl.read_parquet(file)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _refusal(file, f"cannot be read as Parquet ({_first_line(error)})") from error
    _require_columns(table, file, columns)
    return _conforming(table, file, columns, rows)


def _read_csv(file: Path, columns: Mapping[str, str], rows: int) -> pl.DataFrame:
    try:
        texts = pl.read_csv(file, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _refusal(file, f"cannot be read as a CSV of pairs ({_first_line(error)})") from error
    _require_columns(texts, file, columns)
    table = texts.with_columns(
        *(_numbers(texts[name], file) for name, kind in columns.items() if kind == "float32"),
        _moments(texts["event_time"], file),
    )
    return _conforming(table, file, columns, rows)


def _numbers(texts: pl.Series, file: Path) -> pl.Series:
    return _read_whole(texts, texts.cast(pl.Float32, strict=False), file, "is no number")


def _moments(texts: pl.Series, file: Path) -> pl.Series:
    moments = texts.str.to_datetime(_CSV_MOMENT, time_unit="us", strict=False)
    return _read_whole(texts, moments, file, "is no moment like 2025-01-31T12:00:00.000000+00:00")


def _read_whole(texts: pl.Series, values: pl.Series, file: Path, problem: str) -> pl.Series:
    """The values, each read from its text; an empty text has none."""
    if values.null_count() > texts.null_count():
        unread = texts.filter(values.is_null() & texts.is_not_null())
        raise _refusal(file, f"{texts.name} {unread[0]!r} {problem} ({len(unread)} rows)")
    return values


def _require_columns(table: pl.DataFrame, file: Path, columns: Mapping[str, str]) -> None:
    if list(table.columns) != list(columns):
        raise _refusal(file, f"has the columns {', '.join(table.columns)}, expected {', '.join(columns)}")


def _conforming(table: pl.DataFrame, file: Path, columns: Mapping[str, str], rows: int) -> pl.DataFrame:
    if len(table) != rows:
        raise _refusal(file, f"has {len(table)} rows, its manifest says {rows}")
    for name, kind in columns.items():
        expected = _POLARS_TYPES[kind.removesuffix("?")]
        if table.schema[name] != expected:
            raise _refusal(file, f"column {name!r} is {table.schema[name]}, expected {expected}")
        if not kind.endswith("?") and table[name].null_count():
            raise _refusal(file, f"column {name!r} has {table[name].null_count()} empty values, none may be empty")
        _refuse_missing_inside(table[name], kind, file)
    return table


def _refuse_missing_inside(column: pl.Series, kind: str, file: Path) -> None:
    missing = missing_inside(column, kind)
    if missing is not None:
        raise _refusal(
            file,
            f"row {missing.row}, column {column.name!r}: {missing.what} of the list is null, none may be "
            f"({missing.count} in the column)",
        )


def _embeddings(column: pl.Series, file: Path) -> list[FloatArray | None]:
    """One float32 [D] per row, views of one matrix; None where there is none."""
    missing = column.is_null().to_numpy()
    vectors = column.drop_nulls()
    matrix = (
        np.ascontiguousarray(vectors.to_numpy()).reshape(len(vectors), EMBEDDING_DIM).astype(np.float32, copy=False)
    )
    if not np.isfinite(matrix).all():
        raise DatasetError(
            f"{file}: column {column.name!r} holds values that are not numbers; run `python manage.py "
            "generate_embeddings --force` in backend/, then write the dataset again"
        )
    rows = iter(matrix)
    return [None if absent else next(rows) for absent in missing]


def _positions(column: pl.Series, names: Sequence[str], file: Path, problem: str) -> npt.NDArray[np.int64]:
    """int64 [P]: the place of each value in `names`."""
    places = column.replace_strict(list(names), list(range(len(names))), default=None, return_dtype=pl.Int64)
    if places.null_count():
        unknown = column.filter(places.is_null())
        raise _refusal(file, f"{column.name} {unknown[0]!r} {problem} ({len(unknown)} rows)")
    return places.to_numpy()


def _refuse_repeated(ids: pl.Series, file: Path) -> None:
    repeated = ids.filter(ids.is_duplicated())
    if len(repeated):
        raise _refusal(file, f"{ids.name} {repeated[0]!r} occurs more than once")


def _refuse_repeated_pairs(user: npt.NDArray[np.int64], startup: npt.NDArray[np.int64], file: Path) -> None:
    keys = np.sort(user * (int(startup.max(initial=0)) + 1) + startup)
    repeated = int((keys[1:] == keys[:-1]).sum())
    if repeated:
        raise _refusal(file, f"{repeated} rows repeat a (user, startup) pair")


def _require(file: Path, name: str, values: FloatArray, good: npt.NDArray[np.bool_], rule: str) -> None:
    if not good.all():
        raise _refusal(file, f"{name} {values[~good][0]} {rule}")


def _refusal(file: Path, problem: str) -> DatasetError:
    return DatasetError(f"{file}: {problem}; write the dataset again")


def _first_line(error: Exception) -> str:
    """What polars found; the lines below it advise who calls polars."""
    return str(error).partition("\n")[0]
