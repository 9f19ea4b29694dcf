from __future__ import annotations

import io
import json
import pickle
import resource
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch

from contracts.api import ModelStatus
from recommendation_service.engines import bundle as bundle_module
from recommendation_service.engines.atomic_files import write_atomically
from recommendation_service.engines.bundle import ModelDetails, manifest_file, model_file
from recommendation_service.engines.ensemble import EnsembleRecommender
from recommendation_service.engines.errors import ModelFileError, NotFittedError
from recommendation_service.engines.histories import user_states
from recommendation_service.engines.model_manifest import canonical_sha256
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.profile_model import ProfileModel
from recommendation_service.engines.training_config import TowerConfig, fast
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import Catalogue, TrainingData, UserState


@pytest.fixture(scope="module")
def recommender(platform: TrainingData) -> TwoTowerRecommender:
    tower = TowerConfig(hidden=(16,), dropout=(0.0,))
    config = replace(fast(), user_tower=tower, startup_tower=tower, embedding=8, epochs=1)
    return TwoTowerRecommender(config).fit(platform)


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "models")


def spoil(registry: ModelRegistry, version: str, change: Callable[[bytes], bytes], *, honest_manifest: bool) -> None:
    """Change a model file; with `honest_manifest` the manifest is made to vouch for the changed bytes."""
    file = model_file(registry.folder, version)
    file.write_bytes(change(file.read_bytes()))
    if honest_manifest:
        change_manifest(registry, version, bytes=file.stat().st_size, sha256=sha256(file.read_bytes()).hexdigest())


def change_manifest(registry: ModelRegistry, name: str, /, **values: object) -> None:
    file = manifest_file(registry.folder, name)
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def flip_byte(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def test_a_saved_model_ranks_like_the_one_it_was(
    registry: ModelRegistry, recommender: TwoTowerRecommender, platform: TrainingData
) -> None:
    version = registry.save(recommender).version
    catalogue = Catalogue(startups=platform.startups)
    users = [UserState(record=user) for user in platform.users]
    expected = recommender.bind(catalogue).score(users)
    np.testing.assert_array_equal(registry.load_recommender(version).bind(catalogue).score(users), expected)


def test_the_manifest_says_what_the_model_is(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    details = ModelDetails(
        split={"train_until": "2025-04-01T00:00:00+00:00"},
        data={"path": "X.csv", "manifest_sha256": "ab"},
        metrics={"ndcg@10": 0.25},
        training={"epochs": 1},
    )
    saved = registry.save(recommender, details)
    manifest = registry.describe("two_tower_v1")
    assert manifest == saved
    assert manifest.dims == {"user_input": 512, "startup_input": 468, "embedding": 8}
    assert manifest.metrics == {"ndcg@10": 0.25}
    assert manifest.data["manifest_sha256"] == "ab"
    assert manifest.libraries["torch"] == torch.__version__
    assert isinstance(recommender.model, ProfileModel)
    assert manifest.feature_schema_sha256 == recommender.model.encoder.schema_hash
    assert manifest.sha256 == sha256(model_file(registry.folder, "two_tower_v1").read_bytes()).hexdigest()


def test_the_file_loads_without_pickle(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    registry.save(recommender)
    parts = torch.load(model_file(registry.folder, "two_tower_v1"), weights_only=True)
    assert set(parts) == {"engine", "tensors", "config", "features", "ensemble"}


def test_an_ensemble_travels_with_the_towers_it_stands_on(
    registry: ModelRegistry, recommender: TwoTowerRecommender, platform: TrainingData
) -> None:
    moment = datetime(2025, 6, 1, tzinfo=UTC)
    catalogue = Catalogue(startups=platform.startups, as_of=moment)
    ensemble = EnsembleRecommender().fit(platform, voters={"two_tower": recommender})
    manifest = registry.save(recommender, ensemble=ensemble)
    assert manifest.ensemble
    assert any(name.startswith("ensemble/") for name in manifest.tensors)
    engines = registry.load_engines(manifest.version)
    assert list(engines) == ["two_tower", "ensemble"]
    users = user_states(platform, np.arange(5), moment)
    for name, expected in (("two_tower", recommender), ("ensemble", ensemble)):
        np.testing.assert_array_equal(engines[name].bind(catalogue).score(users), expected.bind(catalogue).score(users))
    assert list(registry.load_engines(registry.save(recommender).version)) == ["two_tower"]


def test_a_version_whose_ensemble_does_not_load_is_not_activated(
    registry: ModelRegistry, recommender: TwoTowerRecommender, platform: TrainingData
) -> None:
    """The towers alone would load; a service that took it up would find out too late."""
    registry.activate(registry.save(recommender).version)
    registry.save(recommender, ensemble=EnsembleRecommender().fit(platform, voters={"two_tower": recommender}))

    def with_foreign_trees(content: bytes) -> bytes:
        parts = torch.load(io.BytesIO(content), weights_only=True)
        parts["ensemble"]["trees"] = "no trees"
        out = io.BytesIO()
        torch.save(parts, out)
        return out.getvalue()

    spoil(registry, "two_tower_v2", with_foreign_trees, honest_manifest=True)
    with pytest.raises(ModelFileError, match="does not hold the trees of a re-ranker"):
        registry.activate("two_tower_v2")
    assert registry.active() == "two_tower_v1"


def test_nothing_temporary_is_left_behind(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    registry.save(recommender)
    registry.activate("two_tower_v1")
    assert {file.name for file in registry.folder.iterdir()} == {"two_tower_v1.pth", "two_tower_v1.json", "ACTIVE.json"}


def test_versions_count_up_and_never_reuse_a_number(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    assert [registry.save(recommender).version for _ in range(2)] == ["two_tower_v1", "two_tower_v2"]
    model_file(registry.folder, "two_tower_v1").unlink()
    manifest_file(registry.folder, "two_tower_v1").unlink()
    (registry.folder / "two_tower_v12.pth").touch()
    assert registry.save(recommender).version == "two_tower_v13"
    assert [model.version for model in registry.versions()] == ["two_tower_v2", "two_tower_v13"]


def test_trainers_at_once_get_different_versions(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    with ThreadPoolExecutor(4) as trainers:
        names = list(trainers.map(lambda _: ModelRegistry(registry.folder).save(recommender).version, range(12)))
    assert sorted(names) == sorted(f"two_tower_v{n}" for n in range(1, 13))
    assert {model.status for model in registry.versions()} == {ModelStatus.AVAILABLE}


def test_an_empty_folder_has_no_versions(registry: ModelRegistry) -> None:
    assert registry.versions() == []
    assert registry.active() is None


def test_the_newest_is_not_active_by_itself(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    registry.save(recommender)
    assert registry.active() is None
    registry.activate("two_tower_v1")
    registry.save(recommender)
    assert registry.active() == "two_tower_v1"
    assert [model.status for model in registry.versions()] == [ModelStatus.ACTIVE, ModelStatus.AVAILABLE]


def test_rollback_goes_back_one_activation_at_a_time(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    for _ in range(3):
        registry.activate(registry.save(recommender).version)
    assert registry.rollback() == "two_tower_v2"
    assert registry.rollback() == "two_tower_v1"
    with pytest.raises(ModelFileError, match="no version was active before two_tower_v1"):
        registry.rollback()
    assert registry.active() == "two_tower_v1"


def test_deactivated_means_none_is_served_and_can_be_undone(
    registry: ModelRegistry, recommender: TwoTowerRecommender
) -> None:
    registry.activate(registry.save(recommender).version)
    registry.deactivate()
    assert registry.active() is None
    assert registry.rollback() == "two_tower_v1"


def test_activating_twice_is_one_activation(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    registry.save(recommender)
    registry.activate("two_tower_v1")
    registry.activate("two_tower_v1")
    with pytest.raises(ModelFileError, match="no version was active before"):
        registry.rollback()


def replace_tensor(name: str, tensor: torch.Tensor) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        file = io.BytesIO(content)
        parts = torch.load(file, weights_only=True)
        parts["tensors"][name] = tensor
        out = io.BytesIO()
        torch.save(parts, out)
        return out.getvalue()

    return change


def as_pickle(content: bytes) -> bytes:
    return pickle.dumps(Path("not a tensor"))


def as_foreign_tensors(content: bytes) -> bytes:
    out = io.BytesIO()
    torch.save({"weight": torch.zeros(3)}, out)
    return out.getvalue()


SPOILED: list[tuple[str, Callable[[bytes], bytes], bool, str]] = [
    ("flipped byte", flip_byte, False, "SHA-256"),
    ("truncated", lambda content: content[:-100], False, "cut off"),
    ("empty", lambda content: b"", False, "has 0 bytes"),
    ("grown", lambda content: content + b"x", False, "bytes, its manifest says"),
    ("pickled objects", as_pickle, True, "not a file of tensors and plain data"),
    ("no zip", lambda content: b"hello", True, "not a file of tensors and plain data"),
    ("truncated with a manifest that vouches for it", lambda content: content[:-100], True, "not a file of tensors"),
    ("foreign tensors", as_foreign_tensors, True, "not a Launchmatch model"),
    ("NaN", replace_tensor("scale", torch.tensor(float("nan"))), True, "scale holds NaN"),
    ("infinity", replace_tensor("scale", torch.tensor(float("inf"))), True, "scale holds NaN or infinity"),
    ("other shape", replace_tensor("scale", torch.zeros(3)), True, "types and shapes"),
    ("other type", replace_tensor("scale", torch.tensor(1.0, dtype=torch.float64)), True, "types and shapes"),
    ("extra tensor", replace_tensor("extra", torch.zeros(1)), True, "types and shapes"),
]


@pytest.mark.parametrize(
    ("change", "honest_manifest", "reason"), [case[1:] for case in SPOILED], ids=[case[0] for case in SPOILED]
)
def test_a_spoiled_file_is_refused_with_the_reason_and_never_activated(
    registry: ModelRegistry,
    recommender: TwoTowerRecommender,
    change: Callable[[bytes], bytes],
    honest_manifest: bool,
    reason: str,
) -> None:
    registry.activate(registry.save(recommender).version)
    registry.save(recommender)
    spoil(registry, "two_tower_v2", change, honest_manifest=honest_manifest)
    for use in (registry.load, registry.load_recommender, registry.activate):
        with pytest.raises(ModelFileError, match=reason):
            use("two_tower_v2")
    assert registry.active() == "two_tower_v1"
    found = {model.version: model for model in registry.versions()}["two_tower_v2"]
    assert found.status is ModelStatus.INVALID
    assert found.problem is not None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"format": 9}, "has format 9, this program reads 2"),
        ({"version": "two_tower_v7"}, "describes two_tower_v7, not two_tower_v1"),
        ({"dims": {"user_input": 512, "startup_input": 468, "embedding": 128}}, "its manifest says .*128"),
        ({"feature_schema": {"version": 1}}, "feature schema does not have the hash"),
        ({"feature_schema_sha256": "0" * 64}, "feature schema does not have the hash"),
        ({"engine": "als"}, "its manifest says 'als'"),
        ({"sha256": "short"}, "is not a model manifest"),
        ({"surprise": 1}, "is not a model manifest"),
        ({"bytes": -1}, "is not a model manifest"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    registry: ModelRegistry, recommender: TwoTowerRecommender, values: dict[str, object], reason: str
) -> None:
    registry.save(recommender)
    change_manifest(registry, "two_tower_v1", **values)
    with pytest.raises(ModelFileError, match=reason):
        registry.activate("two_tower_v1")
    assert registry.active() is None


def test_another_feature_schema_with_its_own_hash_is_refused(
    registry: ModelRegistry, recommender: TwoTowerRecommender
) -> None:
    schema = recommender.to_state()[1]["features"] | {"version": 99}
    registry.save(recommender)
    hashed = canonical_sha256(schema)
    change_manifest(registry, "two_tower_v1", feature_schema=schema, feature_schema_sha256=hashed)
    with pytest.raises(ModelFileError, match="feature schema is not the one"):
        registry.load("two_tower_v1")


def test_without_a_manifest_it_does_not_exist(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    registry.save(recommender)
    manifest_file(registry.folder, "two_tower_v1").unlink()
    with pytest.raises(ModelFileError, match=r"has no manifest two_tower_v1\.json"):
        registry.activate("two_tower_v1")
    assert [model.status for model in registry.versions()] == [ModelStatus.INVALID]


def test_without_its_file_a_manifest_is_nothing(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    registry.save(recommender)
    model_file(registry.folder, "two_tower_v1").unlink()
    with pytest.raises(ModelFileError, match=r"two_tower_v1\.pth is missing"):
        registry.load("two_tower_v1")


@pytest.mark.parametrize("file_of", [model_file, manifest_file], ids=["model", "manifest"])
def test_a_file_that_cannot_be_read_spoils_its_own_version_only(
    registry: ModelRegistry, recommender: TwoTowerRecommender, file_of: Callable[[Path, str], Path]
) -> None:
    """A folder in its place fails like a file of another user, also for root."""
    registry.save(recommender)
    registry.save(recommender)
    file = file_of(registry.folder, "two_tower_v2")
    file.unlink()
    file.mkdir()
    with pytest.raises(ModelFileError, match=f"{file.name} cannot be read: .*; let the user of this process read it"):
        registry.load("two_tower_v2")
    assert [model.status for model in registry.versions()] == [ModelStatus.AVAILABLE, ModelStatus.INVALID]


def test_an_unknown_version_is_answered_with_the_known_ones(
    registry: ModelRegistry, recommender: TwoTowerRecommender
) -> None:
    with pytest.raises(ModelFileError, match=r"there are: none; train one"):
        registry.activate("two_tower_v1")
    registry.save(recommender)
    with pytest.raises(ModelFileError, match=r"no version two_tower_v9 .* there are: two_tower_v1"):
        registry.activate("two_tower_v9")


@pytest.mark.parametrize("name", ["../two_tower_v1", "two_tower_v0", "two_tower_v01", "two_tower", "v1", "", "ACTIVE"])
def test_what_is_no_version_name_is_refused(registry: ModelRegistry, name: str) -> None:
    with pytest.raises(ModelFileError, match="named like two_tower_v1"):
        registry.load(name)


def test_weights_that_are_not_finite_are_not_saved(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    spoiled = TwoTowerRecommender.from_state(*recommender.to_state())
    with torch.no_grad():
        next(spoiled.model.network.parameters()).fill_(float("nan"))
    with pytest.raises(ModelFileError, match="holds NaN or infinity"):
        registry.save(spoiled)
    assert registry.versions() == []
    assert list(registry.folder.iterdir()) == []


def test_an_untrained_engine_is_not_saved(registry: ModelRegistry) -> None:
    with pytest.raises(NotFittedError):
        registry.save(TwoTowerRecommender())


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """The kernel takes no more than so many bytes into any file, as on a disk that is full then."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_nothing_behind(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    first = registry.save(recommender)
    registry.activate(first.version)
    there = {file.name: file.read_bytes() for file in registry.folder.iterdir()}
    with room_for(first.bytes // 2), pytest.raises(ModelFileError, match="cannot write a model into"):
        registry.save(recommender)
    assert {file.name: file.read_bytes() for file in registry.folder.iterdir()} == there
    assert [(model.version, model.status) for model in registry.versions()] == [(first.version, ModelStatus.ACTIVE)]
    assert registry.save(recommender).version == "two_tower_v2"


def test_a_disk_that_is_full_at_the_manifest_leaves_nothing_behind(
    registry: ModelRegistry, recommender: TwoTowerRecommender, monkeypatch: pytest.MonkeyPatch
) -> None:

    def fail_on_manifest(target: Path, content: bytes) -> None:
        if target.suffix == ".json":
            raise OSError(28, "No space left on device")
        write_atomically(target, content)

    monkeypatch.setattr(bundle_module, "write_atomically", fail_on_manifest)
    with pytest.raises(ModelFileError, match="No space left on device"):
        registry.save(recommender)
    assert list(registry.folder.iterdir()) == []


@pytest.mark.parametrize(
    "content", ["", "{}", '{"active": "../v1", "previous": []}', '{"active": 3, "previous": []}', "[]"]
)
def test_a_damaged_pointer_is_named_and_healed_by_activating(
    registry: ModelRegistry, recommender: TwoTowerRecommender, content: str
) -> None:
    registry.save(recommender)
    (registry.folder / "ACTIVE.json").write_text(content)
    with pytest.raises(ModelFileError, match="does not name a version"):
        registry.active()
    registry.activate("two_tower_v1")
    assert registry.active() == "two_tower_v1"


def test_a_path_names_a_registry_and_a_version(registry: ModelRegistry) -> None:
    found, version = ModelRegistry.of_file(registry.folder / "two_tower_v3.pth")
    assert (found.folder, version) == (registry.folder, "two_tower_v3")
    for wrong in ("model.pth", "two_tower_v1.json", "two_tower_v1"):
        with pytest.raises(ModelFileError, match="named like"):
            ModelRegistry.of_file(registry.folder / wrong)


def test_the_file_is_a_zip_of_tensors(registry: ModelRegistry, recommender: TwoTowerRecommender) -> None:
    registry.save(recommender)
    assert zipfile.is_zipfile(model_file(registry.folder, "two_tower_v1"))
