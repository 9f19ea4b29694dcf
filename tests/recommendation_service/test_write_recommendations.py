"""The offline command over a real database of the declared tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import polars as pl
import pytest

from recommendation_service import write_recommendations
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.engines.types import TrainingData
from recommendation_service.services.ports import NoModels
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.services.user_states import UserReadConfig, UserStates
from tests.declared_platform import fill_database

Main = Callable[..., int]


@pytest.fixture
def url(tmp_path: Path, platform: TrainingData) -> str:
    return fill_database(tmp_path / "platform.sqlite3", platform)


@pytest.fixture
def main(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Main:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(write_recommendations, "configure_logging", lambda: None)
    return write_recommendations.main


def test_the_file_holds_what_the_service_answers(main: Main, url: str, tmp_path: Path) -> None:
    target = tmp_path / "out" / "lists.parquet"
    assert main(["--output", str(target), "--k", "7"]) == 0
    table = pl.read_parquet(target)
    database = SqlPlatformDatabase(url)
    patient = UserStates(database, UserReadConfig(deadline=timedelta(minutes=1)))
    service = RecommendationService(database, models=NoModels(), users=patient)
    for user_id in database.user_ids():
        answer = service.recommend(UUID(user_id), 7)
        rows = table.filter(pl.col("user_id") == user_id).sort("rank")
        assert rows["startup_id"].to_list() == [str(item.startup_id) for item in answer.items]
        assert rows["rank"].to_list() == [item.rank for item in answer.items]
        assert rows["score"].to_list() == pytest.approx([item.score for item in answer.items], rel=1e-5)
        assert set(rows["rung"]) <= {answer.rung.value}
    assert table["generated_at"].dtype == pl.Datetime("us", "UTC")
    assert table["generated_at"].n_unique() == 1
    database.close()


def test_it_can_be_run_again_in_place_of_the_old_file(main: Main, tmp_path: Path) -> None:
    target = tmp_path / "lists.parquet"
    target.write_bytes(b"old")
    assert main(["--output", str(target)]) == 0
    assert len(pl.read_parquet(target)) > 0


def test_a_database_that_is_not_there_is_one_sentence_and_leaves_the_old_file(
    main: Main, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "lists.parquet"
    target.write_bytes(b"old")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none.sqlite3'}")
    assert main(["--output", str(target)]) == 2
    assert re.fullmatch(r"write_recommendations.py: .*did not answer.*\n", capsys.readouterr().err)
    assert target.read_bytes() == b"old"


def test_a_model_that_cannot_be_loaded_is_told_and_nothing_is_written(
    main: Main, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "ACTIVE.json").write_text("damaged")
    assert main(["--output", str(tmp_path / "lists.parquet")]) == 2
    assert capsys.readouterr().err.startswith("write_recommendations.py: model: ")
    assert not (tmp_path / "lists.parquet").exists()


def test_a_folder_that_cannot_be_written_is_told(
    main: Main, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["--output", str(tmp_path / "file" / "lists.parquet")]) == 2
    assert "write_recommendations.py: " in capsys.readouterr().err


@pytest.mark.parametrize("k", ["0", "-1", "1001", "x", "1e3"])
def test_places_out_of_range_are_refused(main: Main, k: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--k", k])
    assert "from 1 to 1000" in capsys.readouterr().err
