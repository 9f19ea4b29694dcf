"""Names and manifest of the dataset files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from contracts.dataset import DatasetManifest, DatasetPaths, timestamped_name


def test_the_files_are_named_after_the_pairs() -> None:
    paths = DatasetPaths(Path("data/two_tower_train.csv"))
    assert [path.as_posix() for path in (paths.users, paths.startups, paths.manifest)] == [
        "data/two_tower_train.users.parquet",
        "data/two_tower_train.startups.parquet",
        "data/two_tower_train.manifest.json",
    ]


def test_a_dot_in_the_name_is_kept() -> None:
    assert DatasetPaths(Path("v1.2.parquet")).manifest == Path("v1.2.manifest.json")


@pytest.mark.parametrize("name", ["train", "train.txt", "train.csv.gz"])
def test_another_suffix_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=rf"\.csv or \.parquet, not '{name}'"):
        DatasetPaths(Path(name))


def test_an_unnamed_dataset_carries_its_utc_time() -> None:
    assert timestamped_name("two_tower", datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)) == (
        "two_tower_20260131T235959Z.csv"
    )


def test_a_manifest_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="surprise"):
        DatasetManifest.model_validate({"surprise": 1})
