"""What happens to the files of a model while a service runs on another: it goes on, and says why."""

from __future__ import annotations

import json
import os
import pickle
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.faults.conftest import copy_platform
from tests.live_service import LiveService, eventually

Damage = Callable[[Path], None]


class Bomb:
    """What runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.mark}",)


def whole(service: LiveService, member: str) -> Any:
    """A list that lacked nothing: on a busy machine the database may once miss its deadline, and somebody gets less."""
    answers: list[Any] = []

    def lacked_nothing() -> bool:
        answers.append(service.recommend(member).json)
        return not answers[-1]["degraded"]

    assert eventually(lacked_nothing), answers[-1]["degraded_reason"]
    return answers[-1]


def resealed(file: Path) -> None:
    """Let the description agree with the file, so that only what the file holds can be refused."""
    manifest = file.with_suffix(".json")
    content = file.read_bytes()
    described = {**json.loads(manifest.read_text()), "sha256": sha256(content).hexdigest(), "bytes": len(content)}
    manifest.write_text(json.dumps(described))


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def flip_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def put_a_bomb(file: Path) -> None:
    file.write_bytes(pickle.dumps(Bomb(file.parent / "exploded")))
    resealed(file)


def put_a_bomb_in_an_archive(file: Path) -> None:
    torch.save({"weights": Bomb(file.parent / "exploded")}, file)
    resealed(file)


def each_tensor(file: Path, change: Callable[[torch.Tensor], torch.Tensor]) -> None:
    """Change every tensor of floats, wherever it stands."""

    def changed(value: Any) -> Any:
        if isinstance(value, torch.Tensor) and value.is_floating_point() and value.ndim == 2:
            return change(value)
        if isinstance(value, dict):
            return {name: changed(inner) for name, inner in value.items()}
        return value

    torch.save(changed(torch.load(file, weights_only=True)), file)
    resealed(file)


def fill_with_nan(file: Path) -> None:
    each_tensor(file, lambda tensor: torch.full_like(tensor, float("nan")))


def cut_a_column(file: Path) -> None:
    each_tensor(file, lambda tensor: tensor[:, 1:].clone())


def lose_the_description(file: Path) -> None:
    file.with_suffix(".json").unlink()


def describe_other_features(file: Path) -> None:
    manifest = file.with_suffix(".json")
    described = json.loads(manifest.read_text())
    described["feature_schema_sha256"] = "0" * 64
    manifest.write_text(json.dumps(described))


DAMAGE: dict[str, Damage] = {
    "truncated": truncate,
    "one byte flipped": flip_a_byte,
    "a pickle bomb": put_a_bomb,
    "a pickle bomb in an archive": put_a_bomb_in_an_archive,
    "NaN weights": fill_with_nan,
    "wrong dimensions": cut_a_column,
    "no description": lose_the_description,
    "another feature schema": describe_other_features,
}


def activate_by_hand(platform: Any, version: str) -> None:
    """Point at a version without the checks of the command, as a copied file system might."""
    (platform.registry.folder / "ACTIVE.json").write_text(json.dumps({"active": version, "previous": []}))


@pytest.fixture(scope="module")
def shared(built_platform: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return copy_platform(built_platform, tmp_path_factory.mktemp("platform"))


@pytest.fixture(scope="module")
def running(shared: Any) -> Any:
    with LiveService(shared.folder, shared.url) as started:
        yield started.await_ready()


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_version_leaves_the_old_one_serving_and_says_why(
    running: LiveService, shared: Any, damage: Damage
) -> None:
    member, serving = shared.people(5, 20)[0], running.ask("/v1/models").json["serving"]
    before = whole(running, member)
    version = shared.another_version()
    damage(shared.model_file(version))
    activate_by_hand(shared, version)
    try:
        assert eventually(lambda: running.ask("/v1/models").json["problem"] is not None)
        told, answer = running.ask("/v1/models").json, whole(running, member)
        assert (told["serving"], told["active"]) == (serving, version)
        assert version in told["problem"]
        assert (answer["items"], answer["degraded"]) == (before["items"], False)
        assert not (shared.registry.folder / "exploded").exists()
    finally:
        activate_by_hand(shared, serving)
        for file in shared.registry.folder.glob(f"{version}*"):
            file.unlink()
    assert eventually(lambda: running.ask("/v1/models").json["problem"] is None)


def test_a_registry_that_vanishes_leaves_the_model_serving(service: LiveService, platform: Any, member: str) -> None:
    before, serving = service.recommend(member).json, service.readiness()["model_version"]
    away = platform.registry.folder.rename(platform.folder / "moved")
    assert eventually(lambda: service.ask("/v1/models").json["active"] is None)
    time.sleep(2)  # several looks at the pointer
    assert service.recommend(member).json["items"] == before["items"]
    assert service.readiness()["model_version"] == serving
    away.rename(platform.registry.folder)
    assert eventually(lambda: service.ask("/v1/models").json["active"] == serving)
    assert service.readiness()["model_version"] == serving


def test_without_any_usable_version_it_answers_by_content_and_says_so(start: Any, platform: Any, member: str) -> None:
    truncate(platform.model_file(platform.registry.active()))
    service: LiveService = start().await_ready()
    answers = [service.recommend(person).json for person in platform.people(5, 1000)[:10]]
    assert {(answer["rung"], answer["model_version"]) for answer in answers} == {("content_based", None)}
    assert any(answer["degraded"] for answer in answers)
    assert service.is_ready()
    assert any("model" in problem for problem in service.readiness()["problems"])
