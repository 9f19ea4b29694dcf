"""One feature path: what training reads from the dataset files and serving from the database is the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from accounts.models import Preferences
from recommendation_service.adapters.dataset_files import read_dataset
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.engines.feature_config import FeatureConfig
from recommendation_service.engines.feature_engineering import FeatureEncoder
from recommendation_service.engines.histories import user_states
from recommendation_service.engines.types import StartupRecord, TrainingData, UserRecord, UserState

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def exported(transactional_db: None, tmp_path: Path, settings: Any) -> TrainingData:
    """A simulated platform of this database, embedded, exported and read back."""
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"text_encoder": "hashing"})
    simulation = {"users": 40, "startups": 25, "days": 30, "seed": 5, "oracle": tmp_path / "oracle.npz"}
    call_command("seed_platform", verbosity=0, **simulation)
    call_command("generate_embeddings", verbosity=0)
    call_command("generate_two_tower_dataset", output=tmp_path / "dataset.csv", verbosity=0)
    return read_dataset(tmp_path / "dataset.csv")


@pytest.fixture
def served_users(exported: TrainingData, database: SqlPlatformDatabase) -> list[UserState]:
    states = [database.user_state(user.id, NOW) for user in exported.users]
    return [state for state in states if state is not None]


@pytest.fixture
def served_startups(exported: TrainingData, database: SqlPlatformDatabase) -> dict[str, StartupRecord]:
    return {startup.id: startup for startup in database.open_startups(NOW).startups}


def plain(record: UserRecord | StartupRecord) -> UserRecord | StartupRecord:
    """Comparable without the embedding, whose arrays are compared apart."""
    return replace(record, embedding=None)


def fields_of(record: UserRecord | StartupRecord) -> dict[str, Any]:
    return {name: getattr(plain(record), name) for name in record.__slots__ if name != "embedding"}


def test_people_are_the_same_records_and_the_same_arrays(exported: TrainingData, served_users: list[UserState]) -> None:
    served = [state.record for state in served_users]
    assert len(served) == 40
    assert [fields_of(record) for record in served] == [fields_of(record) for record in exported.users]
    chosen = {str(one.user_id): len(one.categories) for one in Preferences.objects.all()}
    assert any(len(record.categories) > chosen[record.id] for record in served), "no bio names more than was chosen"
    encoder = FeatureEncoder.fit(FeatureConfig(), exported.users, exported.startups)
    np.testing.assert_array_equal(encoder.users.encode(served).features, encoder.users.encode(exported.users).features)


def test_startups_are_the_same_records_and_the_same_arrays(
    exported: TrainingData, served_startups: dict[str, StartupRecord]
) -> None:
    open_in_files = [startup for startup in exported.startups if startup.status == "active" and not startup.closed_at]
    served = [served_startups[startup.id] for startup in open_in_files]
    assert len(served) == len(served_startups) > 10
    assert [fields_of(record) for record in served] == [fields_of(record) for record in open_in_files]
    encoder = FeatureEncoder.fit(FeatureConfig(), exported.users, exported.startups)
    np.testing.assert_array_equal(
        encoder.startups.encode(served).features, encoder.startups.encode(open_in_files).features
    )


def test_histories_are_the_same(exported: TrainingData, served_users: list[UserState]) -> None:
    trained_on = user_states(exported, np.arange(len(exported.users)), NOW)
    assert sum(len(state.history) for state in trained_on) > 100
    assert histories_of(trained_on) == histories_of(served_users)


def histories_of(states: list[UserState]) -> dict[str, set[tuple[str, str, float, datetime]]]:
    """As sets: acts of one moment have no order of their own. Labels pass through float32 in the files."""
    found: dict[str, set[tuple[str, str, float, datetime]]] = defaultdict(set)
    for state in states:
        for item in state.history:
            found[state.record.id].add((item.startup_id, item.kind, float(np.float32(item.label)), item.time))
    return found
