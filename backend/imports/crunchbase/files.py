"""The published files: a zip or its folder, CR line ends, Mac OS Roman text."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import IO

from imports.errors import ImportRefusedError

ENCODING = "mac_roman"
"""The export was saved by Excel on a Mac; as Latin-1, `Condé Nast` would read `Cond\\x8e Nast`."""

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "companies": (
            *("permalink", "name", "category_code", "country_code", "state_code", "region", "city"),
            "founded_at",
        ),
        "rounds": (
            *("company_permalink", "company_name", "company_category_code", "company_country_code"),
            *("company_state_code", "company_region", "company_city"),
            *("funding_round_type", "funded_at", "raised_amount_usd"),
        ),
        "investments": (
            *("company_permalink", "company_name", "company_category_code", "company_country_code"),
            *("company_state_code", "company_region", "company_city"),
            *("investor_permalink", "investor_name", "investor_country_code", "investor_state_code"),
            *("investor_region", "investor_city", "funding_round_type", "funded_at"),
        ),
    }
)
"""The columns that are read. What is as of the export's day (status, totals, last dates) is not among them."""

Row = dict[str, str]

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, csv.Error, RuntimeError)
"""What reading a damaged table raises; the last is zipfile's where it wants a password or lacks the compression."""


def file_name(table: str) -> str:
    """The published name of a table."""
    return f"crunchbase-{table}.csv"


def read_rows(path: Path, table: str) -> Iterator[tuple[int, Row]]:
    """Rows of a table with their row numbers; absent values are empty strings.

    Raises:
        ImportRefusedError: If the path, the table or one of its columns is missing, or the table is damaged.
    """
    try:
        yield from _rows(path, table)
    except _DAMAGE as error:
        raise ImportRefusedError(
            f"{file_name(table)} in {path} cannot be read ({error}); make it readable, or download crunch2013.zip again"
        ) from error


def _rows(path: Path, table: str) -> Iterator[tuple[int, Row]]:
    with _open_table(path, table) as binary:
        reader = csv.DictReader(io.TextIOWrapper(binary, encoding=ENCODING, newline=""), restval="")
        missing = [column for column in COLUMNS[table] if column not in (reader.fieldnames or ())]
        if missing:
            raise ImportRefusedError(
                f"{file_name(table)} in {path} lacks the column {missing[0]}; is it the export of October 2013?"
            )
        for number, row in enumerate(reader, start=2):
            yield number, {column: row[column].strip() for column in COLUMNS[table]}


@contextmanager
def _open_table(path: Path, table: str) -> Iterator[IO[bytes]]:
    if path.is_dir():
        file = path / file_name(table)
        if not file.is_file():
            raise ImportRefusedError(f"{path} holds no {file_name(table)}; unpack the whole export there")
        with file.open("rb") as binary:
            yield binary
    elif path.is_file():
        with _open_zip(path) as archive, _open_member(archive, path, table) as binary:
            yield binary
    else:
        raise ImportRefusedError(f"there is no {path}; give the path of crunch2013.zip or of its unpacked folder")


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ImportRefusedError(f"{path} is not a zip file ({error}); download crunch2013.zip again") from error


def _open_member(archive: zipfile.ZipFile, path: Path, table: str) -> IO[bytes]:
    names = [name for name in archive.namelist() if Path(name).name == file_name(table)]
    if not names:
        raise ImportRefusedError(f"{path} holds no {file_name(table)}; is it Crunchbase's export of October 2013?")
    return archive.open(names[0])
