from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from contracts.dataset import (
    EMBEDDING_DIM,
    PAIR_COLUMNS,
    STARTUP_COLUMNS,
    USER_COLUMNS,
    DatasetManifest,
    DatasetPaths,
)
from recommendations.data_errors import DatasetExportError
from recommendations.datasets.summary import DatasetSummary

from .conftest import day

pytestmark = pytest.mark.django_db

Export = Callable[..., DatasetSummary]
TIME = pl.Datetime("us", "UTC")
TERMS = pl.List(pl.String)
POSITIONS = pl.List(pl.Struct({"title": pl.String, "requirements": pl.String, "is_active": pl.Boolean}))
ROUNDS = pl.List(pl.Struct({"announced_on": pl.Date, "kind": pl.String, "amount_usd": pl.Float64}))
POLARS_TYPES = {
    "str": pl.String,
    "float32": pl.Float32,
    "date": pl.Date,
    "datetime[us, UTC]": TIME,
    "list[str]": TERMS,
    "array[float32, 384]": pl.Array(pl.Float32, 384),
    "list[struct{title: str, requirements: str, is_active: bool}]": POSITIONS,
    "list[struct{announced_on: date, kind: str, amount_usd: float64?}]": ROUNDS,
}
CSV_TYPES: dict[str, Any] = {"label": pl.Float32, "weight": pl.Float32, "event_time": TIME}


def read_pairs(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, schema_overrides=CSV_TYPES)


def expected_schema(columns: Any) -> dict[str, Any]:
    return {name: POLARS_TYPES[kind.removesuffix("?")] for name, kind in columns.items()}


@pytest.mark.parametrize("name", ["train.csv", "train.parquet"])
def test_files_have_the_columns_and_types_of_the_contract(name: str, small_platform: Any, export: Export) -> None:
    paths = DatasetPaths(export(name).path)
    assert dict(read_pairs(paths.pairs).schema) == expected_schema(PAIR_COLUMNS)
    for path, columns in ((paths.users, USER_COLUMNS), (paths.startups, STARTUP_COLUMNS)):
        frame = pl.read_parquet(path)
        assert dict(frame.schema) == expected_schema(columns)
        never_null = [column for column, kind in columns.items() if not kind.endswith("?")]
        assert frame.select(never_null).null_count().row(0) == (0,) * len(never_null)


def test_csv_is_plain_iso_8601(small_platform: Any, export: Export) -> None:
    users, startups = small_platform
    lines = export(negatives_per_positive=0).path.read_text().splitlines()
    assert lines[0] == "user_id,startup_id,label,weight,interaction_type,event_time"
    assert f"{users[0].pk},{startups[0].pk},0.8,1,like,2025-01-08T00:00:00.000000+00:00" in lines
    assert len(lines) == 4


def test_manifest_tells_what_the_files_are(small_platform: Any, export: Export) -> None:
    paths = DatasetPaths(export(seed=7).path)
    manifest = DatasetManifest.model_validate_json(paths.manifest.read_text())
    for path, entry in (
        (paths.pairs, manifest.pairs),
        (paths.users, manifest.users),
        (paths.startups, manifest.startups),
    ):
        content = path.read_bytes()
        assert (entry.name, entry.bytes) == (path.name, len(content))
        assert entry.sha256 == hashlib.sha256(content).hexdigest()
    assert (manifest.pairs.rows, manifest.users.rows, manifest.startups.rows) == (7, 3, 12)
    assert (manifest.positives, manifest.dislikes, manifest.sampled_negatives) == (2, 1, 4)
    assert (manifest.window_start, manifest.window_end) == (day(7), day(20))
    assert manifest.negatives.model_dump() == {"per_positive": 2, "strategy": "uniform", "seed": 7}
    assert (manifest.embedding_model, manifest.embedding_dim) == ("hashing", EMBEDDING_DIM)


def test_raw_features_of_a_user_and_a_startup(
    make_user: Any, make_startup: Any, make_event: Any, embed: Any, export: Export
) -> None:
    user = make_user(
        role="student",
        external_id="/person/1",
        date_joined=day(1),
        profile={"country": "USA", "city": "Boston", "skills": ["python"]},
        preferences={"skills": ["sales", "python"], "tags": ["ai"], "stages": ["seed"]},
    )
    startup = make_startup(
        title="Ledgerleaf", owner=make_user(), positions=["Engineer"], founded_on=date(2024, 5, 1), opened_at=day(2)
    )
    startup.rounds.create(announced_on=date(2024, 8, 1), kind="seed", amount_usd=1e6)
    startup.rounds.create(announced_on=date(2024, 7, 1), kind="angel")
    make_event(user, startup, "like", occurred_at=day(3))
    embed()
    paths = DatasetPaths(export(negatives_per_positive=0).path)
    person = pl.read_parquet(paths.users).filter(pl.col("user_id") == str(user.pk)).to_dicts()[0]
    assert person["skills"] == ["python", "sales"]
    assert (person["external_id"], person["role"], person["country"], person["region"]) == (
        "/person/1",
        "student",
        "USA",
        "",
    )
    assert (person["tags"], person["fields"], person["created_at"]) == (["ai"], [], day(1))
    assert sum(value * value for value in person["embedding"]) == pytest.approx(1.0)
    company = pl.read_parquet(paths.startups).to_dicts()[0]
    assert (company["startup_id"], company["owner_id"]) == (str(startup.pk), str(startup.owner_id))
    assert company["positions"] == [{"title": "Engineer", "requirements": "", "is_active": True}]
    assert [(found["announced_on"], found["amount_usd"]) for found in company["rounds"]] == [
        (date(2024, 7, 1), None),
        (date(2024, 8, 1), 1e6),
    ]
    assert (company["founded_on"], company["closed_at"], company["opened_at"]) == (date(2024, 5, 1), None, day(2))


def test_same_seed_same_bytes_and_another_seed_other_negatives(small_platform: Any, export: Export) -> None:
    first, second, other = (export(name, seed=seed) for name, seed in (("a.csv", 1), ("b.csv", 1), ("c.csv", 2)))
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.path.read_bytes() != other.path.read_bytes()


def test_csv_and_parquet_hold_the_same_rows(small_platform: Any, export: Export) -> None:
    assert read_pairs(export("a.csv").path).equals(read_pairs(export("b.parquet").path))


def test_inactive_people_take_no_part(small_platform: Any, export: Export) -> None:
    users, _ = small_platform
    users[0].is_active = False
    users[0].save()
    summary = export()
    assert summary.inactive_users == 1
    assert set(read_pairs(summary.path)["user_id"]) == {str(users[1].pk)}
    assert str(users[0].pk) not in set(pl.read_parquet(DatasetPaths(summary.path).users)["user_id"])


def test_since_and_until_cut_by_the_moment_of_decision(small_platform: Any, export: Export) -> None:
    cut = export(since=day(7.5), until=day(20), negatives_per_positive=0)
    assert read_pairs(cut.path)["interaction_type"].to_list() == ["dislike"]
    assert (cut.manifest.since, cut.manifest.until) == (day(7.5), day(20))


def test_an_undo_after_until_has_not_happened_yet(small_platform: Any, make_event: Any, export: Export) -> None:
    users, startups = small_platform
    like = users[0].events.get(type="like")
    make_event(users[0], startups[0], "like", occurred_at=day(15), undoes=like)
    assert "like" in read_pairs(export("a.csv", until=day(15)).path)["interaction_type"]
    assert "like" not in read_pairs(export("b.csv", until=day(16)).path)["interaction_type"]
    assert "view" in read_pairs(export("c.csv").path)["interaction_type"]


def test_embeddings_of_another_model_count_as_missing(small_platform: Any, export: Export) -> None:
    users, _ = small_platform
    users[0].embedding.model_id = "older"
    users[0].embedding.save()
    summary = export()
    assert summary.manifest.users_without_embedding == 1
    assert any("generate_embeddings" in warning for warning in summary.warnings())


def test_no_interactions_names_the_commands_that_load_data(db: None, tmp_path: Path, export: Export) -> None:
    with pytest.raises(DatasetExportError, match=r"no data loaded.*import_crunchbase.*seed_platform"):
        export()
    assert not list(tmp_path.iterdir())


def test_no_embeddings_names_the_command_that_makes_them(small_platform: Any, tmp_path: Path, export: Export) -> None:
    with pytest.raises(DatasetExportError, match=r"'other'; run: python manage.py generate_embeddings"):
        export(embedding_model="other")
    assert not list(tmp_path.iterdir())


def test_empty_window_tells_which_window_has_data(small_platform: Any, tmp_path: Path, export: Export) -> None:
    with pytest.raises(DatasetExportError, match=r"go from 2025-01-07.* to 2025-01-21"):
        export(since=datetime(2030, 1, 1, tzinfo=UTC))
    assert not list(tmp_path.iterdir())


def test_unknown_folder_is_refused(small_platform: Any, export: Export) -> None:
    with pytest.raises(DatasetExportError, match=r"does not exist; create it"):
        export("nowhere/train.csv")


def test_folder_in_place_of_the_file_is_refused(small_platform: Any, tmp_path: Path, export: Export) -> None:
    (tmp_path / "train.csv").mkdir()
    with pytest.raises(DatasetExportError, match=r"is a folder"):
        export("train.csv")
