from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imports.errors import ImportRefusedError
from imports.platform.files import count_rows, find_tables, is_ragged, read_rows

HEADER = "external_id,role\n"


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_tables_come_in_the_order_of_their_references(tmp_path: Path) -> None:
    for name in ("interactions.csv", "users.parquet", "positions.csv", "startups.CSV", "notes.txt"):
        written(tmp_path, name, "")
    assert list(find_tables(tmp_path)) == ["users", "startups", "positions", "interactions"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "holds no table; it should hold some of users, startups, positions, rounds, interactions"),
        (["user.csv"], r"user\.csv is no table of the format; did you mean 'users'\?"),
        (["zebra.parquet"], r"zebra\.parquet is no table of the format; the format knows users, startups"),
        (["users.csv", "users.parquet"], r"holds both users\.csv and users\.parquet; keep one of them"),
    ],
)
def test_a_wrong_folder_is_refused(tmp_path: Path, names: list[str], message: str) -> None:
    for name in names:
        written(tmp_path, name, "")
    with pytest.raises(ImportRefusedError, match=message):
        find_tables(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="there is no folder"):
        find_tables(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("external_id,role,skils\n", "has an unknown column 'skils'; did you mean 'skills'"),
        ("external_id,role,shoe size\n", "has an unknown column 'shoe size'; the format knows external_id, role"),
        ("external_id,role,role\n", "has the column 'role' twice"),
        ("external_id\n", "lacks the column 'role'"),
        ("", "lacks the column 'external_id'"),
        (HEADER.encode() + b"\xff,student\n", "is not UTF-8"),
        (HEADER + 'a,"student\n', "is not CSV"),
        (HEADER + f"a,{'x' * 1_000_001}\n", "is not CSV"),
    ],
)
def test_a_wrong_csv_file_is_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(ImportRefusedError, match=message):
        list(read_rows(written(tmp_path, "users.csv", content)))


def test_rows_count_from_the_header(tmp_path: Path) -> None:
    path = written(tmp_path, "users.csv", "\ufeff" + HEADER + "a,student\nb,investor\n")
    assert list(read_rows(path)) == [
        (2, {"external_id": "a", "role": "student"}),
        (3, {"external_id": "b", "role": "investor"}),
    ]
    assert count_rows(path) is None


@pytest.mark.parametrize(("line", "ragged"), [("a,student", False), ("a", True), ("a,student,x", True), ("a,", False)])
def test_ragged_rows_are_seen(tmp_path: Path, line: str, ragged: bool) -> None:
    ((_, raw),) = read_rows(written(tmp_path, "users.csv", f"{HEADER}{line}\n"))
    assert is_ragged(raw) is ragged


def test_parquet_rows_are_counted_and_never_ragged(tmp_path: Path) -> None:
    path = tmp_path / "users.parquet"
    pq.write_table(pa.table({"external_id": ["a", None], "role": ["student", "investor"]}), path)
    assert count_rows(path) == 2
    assert [is_ragged(raw) for _, raw in read_rows(path)] == [False, False]


@pytest.mark.parametrize("content", [b"", b"PAR1 no more", b"external_id,role\n"])
def test_what_is_no_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, "users.parquet", content)
    with pytest.raises(ImportRefusedError, match=r"users\.parquet is no Parquet file"):
        list(read_rows(path))


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "users.parquet"
    table = pa.table({"external_id": [f"u-{number}" for number in range(5000)], "role": ["student"] * 5000})
    pq.write_table(table, path)
    data = bytearray(path.read_bytes())
    data[4:400] = b"\x00" * 396
    path.write_bytes(data)
    with pytest.raises(ImportRefusedError, match=r"users\.parquet is damaged"):
        list(read_rows(path))


@pytest.mark.parametrize(
    "column",
    [
        pa.array([10**15], pa.timestamp("ms")),
        pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")]),
    ],
    ids=["the year 33658", "text that is not UTF-8"],
)
def test_a_parquet_value_that_python_lacks_is_refused(tmp_path: Path, column: pa.Array) -> None:
    path = tmp_path / "users.parquet"
    name = "joined_at" if pa.types.is_timestamp(column.type) else "name"
    pq.write_table(pa.table({"external_id": ["a"], "role": ["student"], name: column}), path)
    with pytest.raises(ImportRefusedError, match=r"users\.parquet holds a value that cannot be read \(.+\); mend it"):
        list(read_rows(path))


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere")], ids=["folder", "dead link"])
def test_what_is_no_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "users.csv"
    make(path)
    with pytest.raises(ImportRefusedError, match=r"users\.csv cannot be read"):
        list(read_rows(path))
