from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from contracts.dataset import DatasetPaths
from recommendation_service.adapters.dataset_files import read_dataset, read_manifest
from recommendation_service.engines.errors import DatasetError
from recommendation_service.engines.types import StartupRecord, TrainingData, UserRecord

WriteDataset = Callable[[TrainingData, Path], Path]


@pytest.fixture
def dataset(platform: TrainingData, write_dataset: WriteDataset, tmp_path: Path) -> Path:
    return write_dataset(platform, tmp_path / "two_tower_train.csv")


def as_plain(record: UserRecord | StartupRecord) -> dict[str, Any]:
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    embedding = values.pop("embedding")
    return values | {"embedding": None if embedding is None else embedding.tolist()}


def rewrite(path: Path, change: Callable[[pl.DataFrame], pl.DataFrame], part: str = "pairs") -> None:
    """Change one table and make the manifest agree with its bytes, so that only the content is at fault."""
    paths = DatasetPaths(pairs=path)
    file: Path = getattr(paths, part)
    if file.suffix == ".csv":
        change(pl.read_csv(file)).write_csv(file)
    else:
        change(pl.read_parquet(file)).write_parquet(file)
    replace_file(path, part, file.read_bytes())


def replace_file(path: Path, part: str, content: bytes) -> None:
    """Put these bytes in a file's place and make the manifest agree with them."""
    paths = DatasetPaths(pairs=path)
    getattr(paths, part).write_bytes(content)
    manifest = json.loads(paths.manifest.read_text())
    manifest[part] |= {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    paths.manifest.write_text(json.dumps(manifest))


def assert_names_file_and_cure(refusal: DatasetError, file: Path) -> None:
    """It is one line, as a terminal shows it."""
    assert str(refusal).startswith(f"{file}: ")
    assert str(refusal).endswith("write the dataset again")
    assert "\n" not in str(refusal)


def change_manifest(path: Path, **values: object) -> None:
    file = DatasetPaths(pairs=path).manifest
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


@pytest.mark.parametrize("name", ["X.csv", "X.parquet"])
def test_gives_back_what_was_written(
    platform: TrainingData, write_dataset: WriteDataset, tmp_path: Path, name: str
) -> None:
    read = read_dataset(write_dataset(platform, tmp_path / name))
    assert [as_plain(user) for user in read.users] == [as_plain(user) for user in platform.users]
    assert [as_plain(startup) for startup in read.startups] == [as_plain(startup) for startup in platform.startups]
    for field in fields(platform.interactions):
        expected = getattr(platform.interactions, field.name)
        found = getattr(read.interactions, field.name)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


def test_interactions_come_in_order_of_time_whatever_the_file_order(
    platform: TrainingData, write_dataset: WriteDataset, tmp_path: Path
) -> None:
    reversed_rows = platform.interactions.take(np.arange(len(platform.interactions))[::-1])
    path = write_dataset(replace(platform, interactions=reversed_rows), tmp_path / "X.csv")
    assert (np.diff(read_dataset(path).interactions.time) >= 0).all()


def test_funding_rounds_survive(
    make_platform: Callable[..., TrainingData], write_dataset: WriteDataset, tmp_path: Path
) -> None:
    data = make_platform(with_rounds=True)
    read = read_dataset(write_dataset(data, tmp_path / "X.parquet"))
    assert [startup.rounds for startup in read.startups] == [startup.rounds for startup in data.startups]


def test_says_where_it_came_from(dataset: Path) -> None:
    provenance = read_dataset(dataset).provenance
    manifest = DatasetPaths(pairs=dataset).manifest
    assert provenance["path"] == str(dataset)
    assert provenance["manifest_sha256"] == sha256(manifest.read_bytes()).hexdigest()
    assert provenance["window_start"] < provenance["window_end"]


def test_an_empty_dataset_is_read(platform: TrainingData, write_dataset: WriteDataset, tmp_path: Path) -> None:
    empty = replace(platform, interactions=platform.interactions.take(np.array([], dtype=np.intp)))
    assert len(read_dataset(write_dataset(empty, tmp_path / "X.csv")).interactions) == 0


def test_a_missing_dataset_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError,
        match=r"no dataset at .*; run `python manage\.py generate_two_tower_dataset --output .*nothing\.csv`",
    ):
        read_dataset(tmp_path / "nothing.csv")


def test_another_file_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"\.csv or \.parquet"):
        read_dataset(tmp_path / "data.txt")


@pytest.mark.parametrize("part", ["users", "startups", "manifest"])
def test_a_missing_part_is_named(dataset: Path, part: str) -> None:
    file: Path = getattr(DatasetPaths(pairs=dataset), part)
    file.unlink()
    with pytest.raises(DatasetError, match=file.name):
        read_dataset(dataset)


@pytest.mark.parametrize("part", ["pairs", "users", "startups"])
def test_a_truncated_file_is_refused(dataset: Path, part: str) -> None:
    file: Path = getattr(DatasetPaths(pairs=dataset), part)
    file.write_bytes(file.read_bytes()[:-7])
    with pytest.raises(DatasetError, match="bytes, its manifest says"):
        read_dataset(dataset)


@pytest.mark.parametrize("part", ["pairs", "users", "startups"])
def test_a_flipped_byte_is_refused(dataset: Path, part: str) -> None:
    file: Path = getattr(DatasetPaths(pairs=dataset), part)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(DatasetError, match="SHA-256"):
        read_dataset(dataset)


def test_another_schema_version_is_refused(dataset: Path) -> None:
    change_manifest(dataset, schema_version=99)
    with pytest.raises(DatasetError, match="schema version 99, this program reads 1"):
        read_dataset(dataset)


def test_embeddings_of_another_size_are_refused(dataset: Path) -> None:
    change_manifest(dataset, embedding_dim=768)
    with pytest.raises(DatasetError, match=r"768 dimensions.*generate_embeddings --force"):
        read_manifest(dataset)


@pytest.mark.parametrize("content", ["", "{", '{"schema_version": 1}', "[]"])
def test_what_is_no_manifest_is_refused(dataset: Path, content: str) -> None:
    DatasetPaths(pairs=dataset).manifest.write_text(content)
    with pytest.raises(DatasetError, match="is not a dataset manifest"):
        read_dataset(dataset)


def test_a_row_count_that_disagrees_is_refused(dataset: Path) -> None:
    rewrite(dataset, lambda table: table.head(10))
    with pytest.raises(DatasetError, match="has 10 rows, its manifest says"):
        read_dataset(dataset)


def set_first(column: str, value: object) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda table: table.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
    )


def set_second(column: str, value: list[Any]) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Behind an empty list, which lacks nothing."""

    def change(table: pl.DataFrame) -> pl.DataFrame:
        cells = [[], value, *table[column].to_list()[2:]]
        return table.with_columns(pl.Series(column, cells, dtype=table.schema[column]))

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_first("user_id", "nobody"), "user_id 'nobody' is not in the users file"),
        (set_first("startup_id", "nothing"), "startup_id 'nothing' is not in the startups file"),
        (set_first("interaction_type", "wave"), "interaction_type 'wave' is no interaction type"),
        (set_first("label", 1.5), r"label 1\.5 must lie in \[0, 1\]"),
        (set_first("label", float("nan")), r"label nan must lie in \[0, 1\]"),
        (set_first("weight", 0.0), r"weight 0\.0 must be above 0"),
        (set_first("weight", float("inf")), "weight inf must be above 0"),
        (set_first("event_time", "yesterday"), "event_time 'yesterday' is no moment like 2025-01-31T12:00:00"),
        (set_first("event_time", "2025-02-30T00:00:00.000000+00:00"), r"event_time '2025-02-30.*' is no moment"),
        (set_first("event_time", None), "'event_time' has 1 empty values"),
        (lambda table: table.drop("event_time"), "expected user_id, startup_id"),
        (lambda table: table.with_columns(label=pl.lit("much")), r"label 'much' is no number \(\d+ rows\)"),
        (set_first("label", None), "'label' has 1 empty values"),
        (lambda table: table.drop("weight"), "expected user_id, startup_id"),
        (lambda table: table.with_columns(extra=1), "expected user_id, startup_id"),
        (lambda table: pl.concat([table.head(1), table.head(len(table) - 1)]), "repeat a .user, startup. pair"),
    ],
)
def test_contradicting_pairs_are_refused(
    dataset: Path, change: Callable[[pl.DataFrame], pl.DataFrame], message: str
) -> None:
    rewrite(dataset, change)
    with pytest.raises(DatasetError, match=message) as refusal:
        read_dataset(dataset)
    assert_names_file_and_cure(refusal.value, dataset)


@pytest.mark.parametrize("content", [b"", b"user_id\na,b,c\n", b"user_id\n\xff\n", b'user_id\n"a\n'])
def test_a_file_that_is_no_csv_is_refused(dataset: Path, content: bytes) -> None:
    replace_file(dataset, "pairs", content)
    with pytest.raises(DatasetError, match=r"cannot be read as a CSV of pairs \(") as refusal:
        read_dataset(dataset)
    assert_names_file_and_cure(refusal.value, dataset)


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("users", set_first("user_id", "00000001-0000-4000-8000-000000000001"), "occurs more than once"),
        ("users", set_first("role", None), "'role' has 1 empty values"),
        (
            "users",
            set_second("skills", ["python", None]),
            r"row 2, column 'skills': an entry of the list is null, none may be \(1 in the column\)",
        ),
        ("startups", set_second("tags", [None, None]), r"row 2, column 'tags': an entry .* \(2 in the column\)"),
        ("startups", set_second("positions", [None]), "row 2, column 'positions': an entry of the list is null"),
        (
            "startups",
            set_second("positions", [{"title": None, "requirements": "", "is_active": True}]),
            "row 2, column 'positions': the field 'title' of an entry of the list is null",
        ),
        (
            "startups",
            set_second("rounds", [{"announced_on": None, "kind": "seed", "amount_usd": None}]),
            "row 2, column 'rounds': the field 'announced_on' of an entry of the list is null",
        ),
        (
            "startups",
            lambda table: table.with_columns(pl.col("founded_on").cast(pl.String)),
            "is String, expected Date",
        ),
        (
            "startups",
            lambda table: table.with_columns(
                pl.lit([float("nan")] * 384).cast(pl.Array(pl.Float32, 384)).alias("embedding")
            ),
            "not numbers",
        ),
    ],
)
def test_contradicting_entities_are_refused(
    dataset: Path, part: str, change: Callable[[pl.DataFrame], pl.DataFrame], message: str
) -> None:
    rewrite(dataset, change, part)
    with pytest.raises(DatasetError, match=message) as refusal:
        read_dataset(dataset)
    assert_names_file_and_cure(refusal.value, getattr(DatasetPaths(pairs=dataset), part))


def test_a_file_that_is_no_parquet_is_refused(dataset: Path) -> None:
    replace_file(dataset, "users", b"not parquet")
    with pytest.raises(DatasetError, match=r"cannot be read as Parquet \(") as refusal:
        read_dataset(dataset)
    assert_names_file_and_cure(refusal.value, DatasetPaths(pairs=dataset).users)
