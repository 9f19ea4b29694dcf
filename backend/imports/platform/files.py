"""The files of a folder: which tables are there, and their rows one after the other."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from imports.errors import ImportRefusedError
from imports.platform.columns import TABLES, Column
from imports.platform.values import Raw

_SUFFIXES = (".csv", ".parquet")
_PARQUET_BATCH = 10_000
_EXCESS = "\x00excess"
_MAX_CELL = 1_000_000


def find_tables(folder: Path) -> Mapping[str, Path]:
    """The file of each table, in the order in which the tables are brought in.

    Raises:
        ImportRefusedError: If there is no such folder, no table in it, an unknown one, or one twice.
    """
    if not folder.is_dir():
        raise ImportRefusedError(f"there is no folder {folder}; give the one that holds users.csv, startups.csv, ...")
    found: dict[str, Path] = {}
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES):
        table = path.stem
        if table not in TABLES:
            raise ImportRefusedError(f"{path.name} is no table of the format{_did_you_mean(table, TABLES)}")
        if table in found:
            raise ImportRefusedError(f"{folder} holds both {found[table].name} and {path.name}; keep one of them")
        found[table] = path
    if not found:
        raise ImportRefusedError(f"{folder} holds no table; it should hold some of {_listed(TABLES)} as CSV or Parquet")
    return {table: found[table] for table in TABLES if table in found}


def read_rows(path: Path) -> Iterator[tuple[int, Raw]]:
    """Rows with their numbers, the header (or a Parquet file's schema) being row 1; streams.

    Raises:
        ImportRefusedError: If the file cannot be read, lacks a required column or has one that the format lacks.
    """
    rows = _csv_rows(path) if path.suffix.lower() == ".csv" else _parquet_rows(path)
    yield from enumerate(rows, start=2)


def count_rows(path: Path) -> int | None:
    """How many rows a file has, where that can be told without reading it."""
    if path.suffix.lower() == ".csv":
        return None
    return int(_open_parquet(path).metadata.num_rows)


def is_ragged(raw: Raw) -> bool:
    """Whether a CSV row had more or fewer values than its header has columns."""
    return _EXCESS in raw or any(cell is None for cell in raw.values())


def _csv_rows(path: Path) -> Iterator[Raw]:
    csv.field_size_limit(_MAX_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey=_EXCESS, strict=True)
            _check_columns(path, reader.fieldnames or ())
            yield from reader
    except OSError as error:
        raise ImportRefusedError(f"{path.name} cannot be read ({error.strerror}); give a file that can") from error
    except UnicodeDecodeError as error:
        raise ImportRefusedError(f"{path.name} is not UTF-8 ({error}); save it as UTF-8") from error
    except csv.Error as error:
        raise ImportRefusedError(f"{path.name} is not CSV after line {reader.line_num} ({error}); mend it") from error


def _parquet_rows(path: Path) -> Iterator[Raw]:
    file = _open_parquet(path)
    _check_columns(path, file.schema_arrow.names)
    try:
        for batch in file.iter_batches(_PARQUET_BATCH):
            yield from _without_absent(batch.to_pylist())
    except (pa.ArrowException, OSError) as error:
        raise ImportRefusedError(f"{path.name} is damaged ({error}); write it again") from error
    except (ValueError, OverflowError) as error:  # text that is not UTF-8, the year 33658
        raise ImportRefusedError(f"{path.name} holds a value that cannot be read ({error}); mend it") from error


def _without_absent(rows: Iterable[dict[str, Any]]) -> Iterator[Raw]:
    """Parquet says None for an absent value, where CSV says an empty text."""
    for row in rows:
        yield {name: "" if cell is None else cell for name, cell in row.items()}


def _open_parquet(path: Path) -> Any:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise ImportRefusedError(f"{path.name} is no Parquet file ({error}); write it again") from error


def _check_columns(path: Path, names: Iterable[str]) -> None:
    present, known = list(names), TABLES[path.stem]
    for name in present:
        if name not in known:
            raise ImportRefusedError(f"{path.name} has an unknown column {name!r}{_did_you_mean(name, known)}")
        if present.count(name) > 1:
            raise ImportRefusedError(f"{path.name} has the column {name!r} twice; remove one of them")
    for name in _required(known):
        if name not in present:
            raise ImportRefusedError(f"{path.name} lacks the column {name!r}, which every row needs; add it")


def _required(columns: Mapping[str, Column]) -> list[str]:
    return [name for name, column in columns.items() if column.required]


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name.lower(), list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; the format knows {_listed(known)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
