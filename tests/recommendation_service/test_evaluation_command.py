"""What the training command says about saved versions: one, both ways round, two, and the routes they support."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.routing_table import RoutingTable
from recommendation_service.engines.types import TrainingData
from recommendation_service.train_two_tower import main

pytestmark = pytest.mark.slow

QUICK = {"preset": "fast", "epochs": 1, "user_tower": {"hidden": [16], "dropout": [0.1]}, "embedding": 8}
VERSIONS = {
    "two_tower_v1": [],
    "two_tower_v2": ["--seed", "1"],
    "two_tower_v3": ["--config", "refit.json", "--write-routing"],
    "two_tower_v4": ["--train-until", "2025-04-12"],
}
"""What each version was trained with; v5 is trained on other data."""


@pytest.fixture(scope="module")
def workshop(
    platform: TrainingData,
    make_platform: Callable[..., TrainingData],
    write_dataset: Callable[[TrainingData, Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A folder with two datasets and five versions, trained once."""
    folder = tmp_path_factory.mktemp("workshop")
    write_dataset(platform, folder / "data.csv")
    write_dataset(make_platform(seed=3), folder / "other.csv")
    (folder / "quick.json").write_text(json.dumps(QUICK))
    (folder / "refit.json").write_text(json.dumps({**QUICK, "refit": True}))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for options in VERSIONS.values():
            assert main(["--data", "data.csv", "--models", "models", "--config", "quick.json", *options]) == 0
        assert main(["--data", "other.csv", "--models", "models", "--config", "quick.json"]) == 0
    return folder


@pytest.fixture
def folder(workshop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workshop to work in; models lie in `models`."""
    copy = tmp_path / "workshop"
    shutil.copytree(workshop, copy)
    monkeypatch.chdir(copy)
    monkeypatch.setenv("MODELS_DIR", str(copy / "models"))
    return copy


def failure(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence that a command ends in."""
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    return error


def test_the_other_direction_is_judged_when_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--evaluate", "--model", "models/two_tower_v1.pth", "--reverse", "--report", "report.json"]) == 0
    assert "startup -> people: mean over startups" in capsys.readouterr().out
    reverse = json.loads((folder / "report.json").read_text())["reverse"]
    assert set(reverse["segments"][0]["engines"]) == {"two_tower", "content_based", "item_knn", "als", "activity"}


def test_two_versions_are_compared_on_the_same_question(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["two_tower_v1", "models/two_tower_v2.pth"]
    assert main(["--compare", *names, "--data", "data.csv", "--report", "report.json"]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert re.search(r"(two_tower_v1 is (better|worse) than|between two_tower_v1 and) two_tower_v2", output)
    report = json.loads((folder / "report.json").read_text())
    everybody = report["comparison"]["segments"][0]["metrics"]["ndcg@10"]
    for version, place in (("two_tower_v1", "first"), ("two_tower_v2", "second")):
        manifest = ModelRegistry(folder / "models").describe(version)
        assert everybody[place] == pytest.approx(manifest.metrics["ndcg@10"])
    assert everybody["outcome"] in {"better", "worse", "no difference shown"}
    assert "popularity" in report["segments"][0]["engines"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["two_tower_v1", "two_tower_v9"], "there is no version two_tower_v9"),
        (["two_tower_v1", "two_tower_v1"], "--compare needs two versions, got two_tower_v1 twice"),
        (["models/two_tower_v1.pth", "other/two_tower_v2.pth"], "needs two versions of one folder"),
        (["two_tower_v1", "best"], "best"),
        (["two_tower_v1", "two_tower_v5"], "were trained on different data"),
    ],
)
def test_versions_that_cannot_be_compared(
    folder: Path, capsys: pytest.CaptureFixture[str], names: list[str], message: str
) -> None:
    assert message in failure(capsys, "--compare", *names)


def test_versions_of_different_cuts_need_a_window_that_neither_has_seen(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = failure(capsys, "--compare", "two_tower_v1", "two_tower_v4")
    assert "were trained on different cuts of time" in error
    assert "give --train-until 2025-04-12T00:00:00+00:00 or later" in error
    assert main(["--compare", "two_tower_v1", "two_tower_v4", "--train-until", "2025-04-12"]) == 0
    early = failure(capsys, "--compare", "two_tower_v1", "two_tower_v4", "--train-until", "2025-04-11")
    assert "two_tower_v4 learned from acts up to 2025-04-12" in early


def test_routes_are_decided_on_the_validation_window(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--evaluate", "--model", "models/two_tower_v1.pth", "--write-routing"]) == 0
    assert "routes by ndcg@10 on the validation window" in capsys.readouterr().out
    table = RoutingTable.read(folder / "models" / "two_tower_v1.routing.json")
    split = ModelRegistry(folder / "models").describe("two_tower_v1").split
    assert (table.window_start, table.window_end) == (split["validation_from"], split["train_until"])
    assert set(table.segments["hot"].engines) == {"two_tower", "content_based", "trending"}


def test_routes_can_go_to_a_file_of_their_own(folder: Path) -> None:
    assert main(["--evaluate", "--model", "models/two_tower_v1.pth", "--write-routing", "routes.json"]) == 0
    assert RoutingTable.read(folder / "routes.json").data["path"] == "data.csv"
    assert not (folder / "models" / "two_tower_v1.routing.json").exists()


def test_a_training_writes_the_routes_of_what_had_not_seen_the_validation_window(folder: Path) -> None:
    """Also for a version that is then trained again on that window, of which no later command could judge it."""
    split = ModelRegistry(folder / "models").describe("two_tower_v3").split
    assert RoutingTable.read(folder / "models" / "two_tower_v3.routing.json").window_start == split["validation_from"]


def test_routes_are_never_decided_on_what_a_version_has_seen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = failure(capsys, "--evaluate", "--model", "models/two_tower_v3.pth", "--write-routing")
    assert "was trained again on its validation window (refit)" in error
    assert "give --write-routing to the training itself" in error
