"""Trainings whose process is killed with SIGKILL, resumed by the command until they end: the model must be the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from recommendation_service import train_two_tower
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.types import TrainingData

pytestmark = pytest.mark.slow

SCRIPT = Path(train_two_tower.__file__)
CONFIG = {
    "preset": "fast",
    "epochs": 3,
    "refit": True,
    "user_tower": {"hidden": [16], "dropout": [0.1]},
    "startup_tower": {"hidden": [16], "dropout": [0.1]},
    "embedding": 8,
}
DIES_AT_FILE = """
import os, signal, sys
from pathlib import Path
from recommendation_service.engines import atomic_files
from recommendation_service.train_two_tower import main

wanted, half = sys.argv[1], sys.argv[2] == "half"
whole = Path.replace

def replace(self, target):
    if wanted in Path(target).name:
        if half:
            os.truncate(self, self.stat().st_size // 2)
        else:
            whole(self, target)
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(self, target)

Path.replace = replace
sys.exit(main(sys.argv[3:]))
"""
"""Trains, and dies while the first file of this name is written (half of it is there) or right after."""


@pytest.fixture(scope="module")
def dataset(
    platform: TrainingData,
    write_dataset: Callable[[TrainingData, Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "config.json").write_text(json.dumps(CONFIG))
    return write_dataset(platform, folder / "two_tower_train.csv")


def arguments(dataset: Path, models: Path, *more: str) -> list[str]:
    return ["--data", str(dataset), "--config", str(dataset.with_name("config.json")), "--models", str(models), *more]


def process(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *command],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def run(*command: str) -> int:
    """The exit status; negative is the signal that ended it."""
    running = process(*command)
    _, errors = running.communicate(timeout=300)
    assert running.returncode in (0, -signal.SIGKILL), errors.decode()
    return running.returncode


def outcome(models: Path) -> tuple[list[float], dict[str, torch.Tensor]]:
    """Losses of all epochs and the weights of the newest whole version."""
    registry = ModelRegistry(models)
    version = registry.versions()[-1].version
    history = json.loads((models / f"{version}.history.json").read_text())
    losses = [record["loss"] for part in ("search", "refit") for record in history[part]]
    return losses, dict(registry.load(version).state.tensors)


def assert_same(models: Path, expected: tuple[list[float], dict[str, torch.Tensor]]) -> None:
    losses, tensors = outcome(models)
    assert losses == expected[0]
    assert tensors.keys() == expected[1].keys()
    assert all(torch.equal(tensors[name], tensor) for name, tensor in expected[1].items())


@pytest.fixture(scope="module")
def undisturbed(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[float], dict[str, torch.Tensor]]:
    """What a training that nobody disturbs ends in."""
    models = tmp_path_factory.mktemp("undisturbed")
    assert run(str(SCRIPT), *arguments(dataset, models)) == 0
    return outcome(models)


def test_the_same_seed_gives_identical_tensors_in_another_process(
    dataset: Path, tmp_path: Path, undisturbed: tuple[list[float], dict[str, torch.Tensor]]
) -> None:
    assert run(str(SCRIPT), *arguments(dataset, tmp_path)) == 0
    assert_same(tmp_path, undisturbed)


def test_killed_at_every_kind_of_moment_of_one_training(
    dataset: Path, tmp_path: Path, undisturbed: tuple[list[float], dict[str, torch.Tensor]]
) -> None:
    """While the best and the last checkpoint are written, after either, between search and refit, while saving."""
    moments = [
        ("search-best", "half"),
        ("search-best", "whole"),
        ("search-last", "half"),
        ("search-last", "whole"),
        ("refit-last", "half"),
        ("refit-last", "whole"),
        (".pth", "half"),
    ]
    for number, (name, how) in enumerate(moments):
        resume = ["--resume"] if number else []
        status = run("-c", DIES_AT_FILE, name, how, *arguments(dataset, tmp_path, *resume))
        assert status == -signal.SIGKILL, f"{name}, {how}: it ended before"
    assert run(str(SCRIPT), *arguments(dataset, tmp_path, "--resume")) == 0
    assert_same(tmp_path, undisturbed)


def test_killed_at_random_moments(
    dataset: Path, tmp_path: Path, undisturbed: tuple[list[float], dict[str, torch.Tensor]]
) -> None:
    rng = random.Random(5)
    for _ in range(4):
        running = process(str(SCRIPT), *arguments(dataset, tmp_path, "--resume"))
        time.sleep(rng.uniform(2.0, 7.0))
        running.kill()
        running.communicate(timeout=60)
    assert run(str(SCRIPT), *arguments(dataset, tmp_path, "--resume")) == 0
    assert_same(tmp_path, undisturbed)
