"""Real models, swapped again and again under a keeper."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.api import Rung
from recommendation_service.engines.model_pointer import ModelPointer, write_pointer
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.training_config import TowerConfig, fast
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import TrainingData
from recommendation_service.services.registered_models import RegisteredModels
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot_keeper import SnapshotKeeper

SWAPS = 200
MOST_GROWTH_MIB = 24


@pytest.fixture(scope="module")
def recommender(platform: TrainingData) -> TwoTowerRecommender:
    tower = TowerConfig(hidden=(64,), dropout=(0.0,))
    return TwoTowerRecommender(replace(fast(), user_tower=tower, startup_tower=tower, epochs=1)).fit(platform)


def resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.fixture
def no_collector() -> Iterator[None]:
    """A collection after each swap would hold answers up: what was replaced must go without one."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.slow
@pytest.mark.usefixtures("no_collector")
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="tells memory in another way")
def test_memory_returns_to_where_it_was_after_many_swaps(
    tmp_path: Path, recommender: TwoTowerRecommender, fake_database: Any
) -> None:
    registry = ModelRegistry(tmp_path)
    versions = [registry.save(recommender).version for _ in range(2)]
    keeper = SnapshotKeeper(fake_database, RegisteredModels(tmp_path), ServingOptions())
    sizes = []
    for swap in range(SWAPS + 20):
        write_pointer(tmp_path, ModelPointer(active=versions[swap % 2]))
        keeper.refresh()
        assert keeper.current().rungs[Rung.TWO_TOWER].model_version == versions[swap % 2]
        sizes.append(resident_mib())
    assert sizes[-1] - sizes[19] < MOST_GROWTH_MIB
