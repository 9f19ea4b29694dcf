"""The engineer's door to training and evaluation, run as a command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import torch

from recommendation_service import train_two_tower
from recommendation_service.adapters.training_lock import training_lock
from recommendation_service.engines.ensemble import EnsembleRecommender
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.quality_gate import Verdict
from recommendation_service.engines.types import TrainingData
from recommendation_service.services import model_training
from recommendation_service.services.model_files import FILES
from recommendation_service.train_two_tower import main

QUICK = {"preset": "fast", "epochs": 2, "user_tower": {"hidden": [16], "dropout": [0.1]}, "embedding": 8}
SCRIPT = Path(train_two_tower.__file__)


@pytest.fixture(scope="module")
def dataset(
    platform: TrainingData,
    write_dataset: Callable[[TrainingData, Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    return write_dataset(platform, tmp_path_factory.mktemp("data") / "two_tower_train.csv")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with a configuration that trains in no time; models go to `models` in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODELS_DIR", str(tmp_path / "models"))
    (tmp_path / "quick.json").write_text(json.dumps(QUICK))
    return tmp_path


@pytest.fixture
def trained(folder: Path, dataset: Path) -> Path:
    """A folder with one trained version."""
    assert main(["--data", str(dataset), "--config", "quick.json"]) == 0
    return folder


def failure(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence that a command ends in."""
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    return error


def test_training_saves_a_version_with_all_that_helps_to_judge_it(trained: Path) -> None:
    names = {file.name for file in (trained / "models").iterdir() if file.is_file()}
    assert names == {f"two_tower_v1.{end}" for end in FILES}
    history = json.loads((trained / "models" / "two_tower_v1.history.json").read_text())
    assert [record["epoch"] for record in history["search"]] == [0, 1]


def test_the_manifest_says_what_was_trained_on_what(trained: Path, dataset: Path) -> None:
    manifest = ModelRegistry(trained / "models").describe("two_tower_v1")
    assert manifest.data["path"] == str(dataset)
    assert manifest.config["epochs"] == 2
    assert manifest.metrics["ndcg@10"] > 0
    assert manifest.training["epochs"] == 2
    assert manifest.split["train_until"] is not None


def test_the_next_training_is_the_next_version_and_none_is_active_by_itself(trained: Path, dataset: Path) -> None:
    assert main(["--data", str(dataset), "--config", "quick.json", "--seed", "1"]) == 0
    registry = ModelRegistry(trained / "models")
    assert [model.version for model in registry.versions()] == ["two_tower_v1", "two_tower_v2"]
    assert registry.active() is None


def test_it_says_how_to_activate(folder: Path, dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--data", str(dataset), "--config", "quick.json"])
    assert "python manage_models.py activate two_tower_v1" in capsys.readouterr().out


def test_activate(folder: Path, dataset: Path) -> None:
    assert main(["--data", str(dataset), "--config", "quick.json", "--activate"]) == 0
    assert ModelRegistry(folder / "models").active() == "two_tower_v1"


def test_a_refused_version_is_saved_but_not_activated(
    folder: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = Verdict(refused="worse than popularity: by a mile")
    monkeypatch.setattr(model_training, "pass_verdict", lambda report, *, metric: verdict)
    assert main(["--data", str(dataset), "--config", "quick.json", "--activate"]) == 2
    shown = capsys.readouterr()
    assert "refused: worse than popularity: by a mile" in shown.out
    assert "two_tower_v1 is refused: worse than popularity: by a mile" in shown.err
    registry = ModelRegistry(folder / "models")
    assert registry.describe("two_tower_v1").refused == verdict.refused
    assert registry.active() is None


def test_a_training_that_does_not_stay_finite_ends_in_one_sentence_and_saves_nothing(
    folder: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "wild.json").write_text(json.dumps(QUICK | {"optimizer": {"learning_rate": 1e30}, "batch_size": 64}))
    assert "optimizer.learning_rate" in failure(capsys, "--data", str(dataset), "--config", "wild.json")
    assert list((folder / "models").rglob("*.pth")) == []


def test_a_learning_rate_is_suggested_and_drawn(
    folder: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(dataset), "--config", "quick.json", "--find-lr"]) == 0
    assert "suggested" in capsys.readouterr().out
    assert [file.name for file in (folder / "models").iterdir()] == ["learning_rate.png"]


def test_tuning_writes_a_configuration_that_trains(
    folder: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(dataset), "--preset", "fast", "--epochs", "1", "--tune", "2"]) == 0
    assert "best: trial" in capsys.readouterr().out
    assert main(["--data", str(dataset), "--config", "models/tuned_fast.json"]) == 0
    assert "--tune must be at least 1 trial, got 0" in failure(capsys, "--data", str(dataset), "--tune", "0")


def test_two_searches_do_not_write_into_one_file(
    folder: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with training_lock(folder / "models"):
        error = failure(capsys, "--data", str(dataset), "--config", "quick.json", "--tune", "1")
    assert "another training holds" in error
    assert not (folder / "models" / "tuning.sqlite3").exists()


def test_studies_that_are_damaged_end_in_one_sentence(
    folder: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "models" / "tuning.sqlite3"
    file.parent.mkdir()
    file.write_text("no database at all")
    error = failure(capsys, "--data", str(dataset), "--config", "quick.json", "--tune", "1")
    assert f"the studies in {file} cannot be used" in error
    assert "move the file away to begin anew" in error
    assert file.read_text() == "no database at all"


def test_tuning_without_optuna_names_the_cure(
    folder: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("recommendation_service.services.tuning", "recommendation_service.services.config_study"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert "not installed; run `pip install 'optuna" in failure(capsys, "--data", str(dataset), "--tune", "2")


def test_evaluate_uses_the_split_of_the_training(trained: Path, dataset: Path) -> None:
    command = ["--evaluate", "--model", "models/two_tower_v1.pth", "--report", "report.json"]
    assert main([*command, "--data", str(dataset)]) == 0
    report = json.loads((trained / "report.json").read_text())
    manifest = ModelRegistry(trained / "models").describe("two_tower_v1")
    assert report["window_start"] == manifest.split["train_until"]
    assert report["segments"][0]["engines"]["two_tower"]["ndcg@10"]["mean"] == manifest.metrics["ndcg@10"]
    beside = {"popularity", "trending", "content_based", "item_knn", "als"}
    assert set(report["segments"][0]["engines"]) == {"two_tower", *beside}


def test_evaluate_finds_the_dataset_of_the_training(trained: Path) -> None:
    assert main(["--evaluate", "--model", "models/two_tower_v1.pth"]) == 0


def test_the_figures_can_be_recomputed_from_the_rankings(trained: Path, platform: TrainingData) -> None:
    """Precision@10 of everybody with history, from the two files and the dataset alone."""
    files = ["--report", "report.json", "--rankings", "rankings.parquet"]
    assert main(["--evaluate", "--model", "models/two_tower_v1.pth", *files]) == 0
    report = json.loads((trained / "report.json").read_text())
    window = pl.Series([report["window_start"]]).str.to_datetime(time_zone="UTC").dt.timestamp("us").item()
    rows = platform.interactions
    relevant = {
        (platform.users[user].id, platform.startups[startup].id)
        for user, startup, label, time in zip(rows.user, rows.startup, rows.label, rows.time, strict=True)
        if time >= window and label > 0
    }
    rankings = pl.read_parquet("rankings.parquet").filter(pl.col("has_history") & (pl.col("rank") <= 10))
    for engine, figures in report["segments"][0]["engines"].items():
        lists = rankings.filter(pl.col("engine") == engine)
        hits = sum(pair in relevant for pair in lists.select("user_id", "startup_id").iter_rows())
        assert hits / 10 / lists["user_id"].n_unique() == pytest.approx(figures["precision@10"]["mean"], abs=1e-12)
    assert rankings["user_external_id"].str.starts_with("/person/").all()
    assert rankings["startup_external_id"].str.starts_with("/company/").all()


def test_dates_decide_the_split(folder: Path, dataset: Path) -> None:
    dates = ["--train-until", "2025-04-01", "--validation-from", "2025-03-15", "--test-until", "2025-04-20"]
    assert main(["--data", str(dataset), "--config", "quick.json", *dates]) == 0
    split = ModelRegistry(folder / "models").describe("two_tower_v1").split
    assert split == {
        "train_until": "2025-04-01T00:00:00+00:00",
        "validation_from": "2025-03-15T00:00:00+00:00",
        "test_until": "2025-04-20T00:00:00+00:00",
    }


def test_without_a_validation_date_a_share_of_the_training_validates(folder: Path, dataset: Path) -> None:
    assert main(["--data", str(dataset), "--config", "quick.json", "--train-until", "2025-04-01"]) == 0
    split = ModelRegistry(folder / "models").describe("two_tower_v1").split
    assert split["validation_from"] is not None
    assert "2025-02" < split["validation_from"] < "2025-04"


def test_a_model_trained_up_to_the_last_act_is_saved_unevaluated(
    folder: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(dataset), "--config", "quick.json", "--train-until", "2026-01-01"]) == 0
    assert "not evaluated: nothing to judge from 2026-01-01" in capsys.readouterr().out
    assert ModelRegistry(folder / "models").describe("two_tower_v1").metrics == {}


def test_options_win_over_the_configuration(folder: Path, dataset: Path) -> None:
    given = ["--epochs", "1", "--batch-size", "300", "--seed", "9"]
    assert main(["--data", str(dataset), "--config", "quick.json", *given]) == 0
    config = ModelRegistry(folder / "models").describe("two_tower_v1").config
    assert (config["epochs"], config["batch_size"], config["seed"], config["preset"]) == (1, 300, 9, "fast")


def test_resume_goes_on(folder: Path, dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(dataset), "--config", "quick.json"]) == 0
    assert main(["--data", str(dataset), "--config", "quick.json", "--resume"]) == 0
    assert "going on after epoch 2 of 2" in capsys.readouterr().out
    assert main(["--data", str(dataset), "--config", "quick.json", "--seed", "5", "--resume"]) == 2


def test_ctrl_c_says_how_to_go_on(
    folder: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(model_training, "train", interrupt)
    assert main(["--data", str(dataset)]) == 130
    assert "--resume goes on" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 102400000000000 bytes."),
    ],
    ids=["Python", "GPU", "CPU"],
)
def test_too_little_memory_names_the_cures(
    folder: Path,
    dataset: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(model_training, "train", fail)
    assert "out of memory; lower batch_size" in failure(capsys, "--data", str(dataset))


def test_an_error_that_nobody_foresaw_is_not_hidden(
    folder: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(model_training, "train", fail)
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        main(["--data", str(dataset)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no data: name the dataset"),
        (["--data", "nothing.csv"], "no dataset at nothing.csv; run `python manage.py generate_two_tower_dataset"),
        (["--data", "d.csv", "--config", "nope.json"], "there is no configuration file 'nope.json'"),
        (["--data", "d.csv", "--config", "quick.json", "--preset", "fast"], "give the preset inside quick.json"),
        (["--data", "d.csv", "--ensemble", "nope.json"], "there is no configuration file 'nope.json'"),
        (["--data", "d.csv", "--ensemble", "quick.json"], "unknown configuration key"),
        (["--data", "d.csv", "--epochs", "0"], "epochs must be at least 1, got 0"),
        (["--data", "d.csv", "--threads", "0"], "--threads must be at least 1 and at most 1024, got 0"),
        (["--data", "d.csv", "--threads", "1000000"], "--threads must be at least 1 and at most 1024, got 1000000"),
        (["--data", "d.csv", "--device", "tpu"], "--device must be auto, cpu or cuda, got 'tpu'"),
        (["--evaluate"], "--evaluate needs --model"),
        (["--evaluate", "--model", "models/two_tower_v7.pth"], "there is no version two_tower_v7"),
        (["--evaluate", "--model", "model.bin"], "a model file is named like models/two_tower_v1.pth"),
        (["--model", "models/two_tower_v1.pth", "--epochs", "1"], "names a version to judge; add --evaluate"),
        (["--evaluate", "--compare", "v1", "v2"], "--evaluate and --compare are different things to do"),
        (["--find-lr", "--tune", "0"], "--find-lr and --tune are different things to do"),
        (["--tune", "5", "--report", "r.json"], "--report would have no effect with --tune; leave it out"),
        (["--evaluate", "--ensemble"], "--ensemble would have no effect with --evaluate"),
        (["--compare", "v1", "v2", "--write-routing"], "--write-routing would have no effect with --compare"),
        (["--find-lr", "--activate"], "--activate would have no effect with --find-lr"),
    ],
)
def test_what_cannot_work_ends_in_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert message in failure(capsys, *arguments)
    assert not (folder / "models").exists()


@pytest.mark.parametrize("option", ["--report", "--rankings", "--write-routing"])
@pytest.mark.parametrize(
    ("target", "obstacle"), [("data", "data is a folder"), ("quick.json/sub/file", "quick.json is not a folder")]
)
def test_what_cannot_be_written_in_the_end_is_refused_before_the_beginning(
    folder: Path, dataset: Path, capsys: pytest.CaptureFixture[str], option: str, target: str, obstacle: str
) -> None:
    (folder / "data").mkdir()
    error = failure(capsys, "--data", str(dataset), "--config", "quick.json", option, target)
    assert f"nothing can be written for {option}: " in error
    assert f"{obstacle}; name another place" in error
    assert not (folder / "models").exists()


@pytest.mark.parametrize("purpose", [[], ["--find-lr"], ["--tune", "1"]], ids=["train", "find a rate", "tune"])
def test_a_models_folder_that_is_a_file(folder: Path, capsys: pytest.CaptureFixture[str], purpose: list[str]) -> None:
    error = failure(capsys, "--data", "nothing.csv", "--models", "quick.json", *purpose)
    assert "nothing can be written for --models: " in error
    assert "quick.json is not a folder" in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--train-until", "soon"], "'soon' is not a date"),
        (["--validation-from", "2025-03-01"], "need --train-until"),
        (["--train-until", "2025-03-01", "--validation-from", "2025-04-01"], "a window must end after it starts"),
        (["--test-share", "1.5"], "shares must be"),
        (["--test-share", "nan"], "shares must be"),
        (["--train-until", "2020-01-01"], "people acted at 0 moments before --train-until 2020-01-01"),
    ],
)
def test_a_split_that_cannot_be(
    folder: Path, dataset: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert message in failure(capsys, "--data", str(dataset), *arguments)


def test_a_model_is_never_judged_on_what_it_has_seen(
    trained: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--evaluate", "--model", "models/two_tower_v1.pth", "--train-until", "2025-02-01"]
    assert "would ask about what it has seen" in failure(capsys, *command)


def test_an_unknown_loss_is_refused_before_the_data_is_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.json").write_text('{"loss": {"name": "hinge"}}')
    assert "unknown loss 'hinge'" in failure(capsys, "--data", "nothing.csv", "--config", "bad.json")


@pytest.mark.slow
def test_the_specified_lines_work_as_written(folder: Path, dataset: Path) -> None:
    (folder / "data").symlink_to(dataset.parent)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    for line in (
        "--data data/two_tower_train.csv --epochs 50 --batch-size 256",
        "--evaluate --model models/two_tower_v1.pth --data data/two_tower_train.csv",
    ):
        done = subprocess.run(
            [sys.executable, str(SCRIPT), *line.split()], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert "content_based" in done.stdout


def test_an_ensemble_is_learned_judged_saved_and_routed_by_evidence(
    folder: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = folder / "report.json"
    (folder / "ensemble.json").write_text('{"network_share": 0.5, "network": {"epochs": 2}, "least_people": 10}')
    options = ["--config", "quick.json", "--ensemble", "ensemble.json", "--write-routing", "--report", str(report)]
    assert main(["--data", str(dataset), *options]) == 0
    registry = ModelRegistry(folder / "models")
    saved = registry.load_engines("two_tower_v1")
    assert list(saved) == ["two_tower", "ensemble"]
    assert isinstance(saved["ensemble"], EnsembleRecommender)
    assert saved["ensemble"].ranker is not None
    assert saved["ensemble"].ranker.network is not None
    engines = json.loads(report.read_text())["segments"][0]["engines"]
    assert {"two_tower", "ensemble", "popularity", "content_based", "item_knn", "als"} <= set(engines)
    metrics = registry.describe("two_tower_v1").metrics
    assert metrics["ensemble/ndcg@10"] == engines["ensemble"]["ndcg@10"]["mean"]
    routes = json.loads((folder / "models" / "two_tower_v1.routing.json").read_text())
    assert "ensemble" in routes["segments"]["warm"]["engines"]
    capsys.readouterr()
    assert main(["--evaluate", "--model", str(folder / "models" / "two_tower_v1.pth"), "--data", str(dataset)]) == 0
    assert "ensemble" in capsys.readouterr().out
