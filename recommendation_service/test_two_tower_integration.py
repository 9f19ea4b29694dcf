"""Proves the whole loop on a tiny platform of its own: dataset, features, training, registry, serving with fallback.

    python test_two_tower_integration.py        prints what each check verified; exit status 1 if one failed

It also runs under pytest. Everything happens in a temporary folder, with the commands of the guides.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sqlite3
import subprocess  # nosec B404
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import structlog
from flask.testing import FlaskClient

from contracts.access import SUBJECT_OF_PLATFORM, Scope
from contracts.api import Problem, Recommendations, Rung, Segment
from contracts.interactions import SAMPLED_NEGATIVE
from recommendation_service.adapters.dataset_files import read_dataset
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.app import build_app
from recommendation_service.engines.bundle import model_file
from recommendation_service.engines.errors import DatasetError, ModelFileError
from recommendation_service.engines.feature_config import FeatureConfig
from recommendation_service.engines.feature_engineering import FeatureEncoder
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.types import INTERACTION_KINDS, Catalogue
from recommendation_service.http_api.tokens import sign_token
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.services.registered_models import RegisteredModels
from recommendation_service.services.snapshot_keeper import utc_now
from recommendation_service.settings import read_settings

SERVICE = Path(__file__).resolve().parent
BACKEND = SERVICE.parent / "backend"
PEOPLE_BY_ACTS = """
    SELECT u.id FROM accounts_user u LEFT JOIN interactions_interactionevent e ON e.user_id = u.id
    GROUP BY u.id HAVING COUNT(DISTINCT e.startup_id) BETWEEN ? AND ? ORDER BY u.id
"""


class CommandFailedError(AssertionError):
    """A command of the guides did not end well; the message holds what it said."""


@dataclass(frozen=True)
class Platform:
    """A tiny simulated platform, its dataset and its models, in one folder."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "platform.sqlite3"

    @property
    def dataset(self) -> Path:
        return self.folder / "two_tower_train.csv"

    @property
    def registry(self) -> ModelRegistry:
        return ModelRegistry(self.folder / "models")

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.database}"

    def run(self, folder: Path, *command: str) -> str:
        """Run a Python command as the guides do and return what it printed."""
        environment = {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "MODELS_DIR": str(self.registry.folder),
            "TEXT_ENCODER": "hashing",
            "OMP_NUM_THREADS": "1",
        }
        ran = subprocess.run(  # noqa: S603  # nosec B603
            [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise CommandFailedError(
                f"{' '.join(command)} ended with status {ran.returncode}:\n{ran.stdout}{ran.stderr}"
            )
        return ran.stdout

    def manage(self, *command: str) -> str:
        return self.run(BACKEND, "manage.py", *command)

    def query(self, sql: str, *values: object) -> list[str]:
        """The first column of a query, as UUIDs."""
        with closing(sqlite3.connect(self.database)) as connection:
            return [str(UUID(row[0])) for row in connection.execute(sql, values)]

    def change(self, sql: str, *values: object) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(sql, values)


def make_platform(folder: Path) -> Platform:
    """Migrate, simulate, embed, export: the steps before training."""
    platform = Platform(folder)
    oracle = str(folder / "oracle.npz")
    platform.manage("migrate", "--verbosity", "0")
    platform.manage(
        "seed_platform", "--users", "150", "--startups", "60", "--days", "60", "--seed", "3", "--oracle", oracle
    )
    platform.manage("generate_embeddings")
    platform.manage("generate_two_tower_dataset", "--output", str(platform.dataset), "--negative-samples", "2")
    return platform


def check_dataset(platform: Platform) -> str:
    """The files are what their manifest says, hold acts and sampled negatives, and refuse to be read when changed."""
    data = read_dataset(platform.dataset)
    sampled = data.interactions.kind == INTERACTION_KINDS.index(SAMPLED_NEGATIVE)
    positives = int((data.interactions.label > 0).sum())
    assert positives > 100
    assert 0 < sampled.sum() <= 2 * positives
    pairs = set(zip(data.interactions.user.tolist(), data.interactions.startup.tolist(), strict=True))
    assert len(pairs) == len(data.interactions), "a pair stands twice"
    damaged = platform.folder / "damaged"
    shutil.copytree(platform.folder, damaged, ignore=shutil.ignore_patterns("*.sqlite3*", "models"))
    with (damaged / platform.dataset.name).open("a") as file:
        file.write("one more line\n")
    _expect(DatasetError, lambda: read_dataset(damaged / platform.dataset.name))
    return f"{positives} positives and {int(sampled.sum())} sampled negatives, no pair twice; a changed file is refused"


def check_features(platform: Platform) -> str:
    """Inputs of 512 and 468, finite, and the same from the database as from the files."""
    data = read_dataset(platform.dataset)
    encoder = FeatureEncoder.fit(FeatureConfig(), data.users, data.startups)
    from_files = encoder.users.encode(data.users).features
    assert from_files.shape == (len(data.users), 512)
    assert encoder.startups.encode(data.startups).features.shape == (len(data.startups), 468)
    database, now = SqlPlatformDatabase(platform.database_url), utc_now()
    states = [database.user_state(user.id, now) for user in data.users]
    startups = {startup.id: startup for startup in database.open_startups(now).startups}
    database.close()
    served = encoder.users.encode([state.record for state in states if state is not None]).features
    np.testing.assert_array_equal(served, from_files)
    known = [startup for startup in data.startups if startup.id in startups]
    np.testing.assert_array_equal(
        encoder.startups.encode([startups[startup.id] for startup in known]).features,
        encoder.startups.encode(known).features,
    )
    assert np.isfinite(from_files).all()
    return f"512 and 468 inputs; {len(states)} people and {len(known)} startups give the same arrays when served"


def check_training(platform: Platform) -> str:
    """Training by the guide's command lowers the loss, writes the curves, and is evaluated beside the baselines."""
    data = str(platform.dataset)
    platform.run(SERVICE, "train_two_tower.py", "--data", data, "--preset", "fast", "--epochs", "4")
    history = json.loads((platform.registry.folder / "two_tower_v1.history.json").read_text())
    losses = [epoch["loss"] for epoch in history["search"]]
    assert losses[-1] < losses[0], losses
    assert (platform.registry.folder / "two_tower_v1.curves.png").stat().st_size > 1000
    model, report = str(model_file(platform.registry.folder, "two_tower_v1")), platform.folder / "report.json"
    shown = platform.run(
        SERVICE, "train_two_tower.py", "--evaluate", "--model", model, "--data", data, "--report", str(report)
    )
    assert all(engine in shown for engine in ("two_tower", "popularity", "content_based"))
    assert report.stat().st_size > 0
    return f"loss {losses[0]:.3f} -> {losses[-1]:.3f}; evaluated beside popularity and content-based"


def check_registry(platform: Platform) -> str:
    """A version is active only by name, ranks the same after loading, and one flipped byte keeps it out."""
    registry = platform.registry
    assert registry.active() is None
    data = read_dataset(platform.dataset)
    catalogue, recommender = Catalogue(startups=data.startups), registry.load_recommender("two_tower_v1")
    vectors = recommender.bind(catalogue).startup_vectors
    np.testing.assert_array_equal(registry.load_recommender("two_tower_v1").bind(catalogue).startup_vectors, vectors)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)
    flipped = registry.save(recommender).version
    _flip_byte(model_file(registry.folder, flipped))
    _expect(ModelFileError, lambda: registry.activate(flipped))
    assert registry.active() is None
    platform.run(SERVICE, "manage_models.py", "activate", "two_tower_v1")
    assert registry.active() == "two_tower_v1"
    return f"two_tower_v1 loads to the same unit vectors and is active; {flipped} with one byte flipped is refused"


def check_serving(platform: Platform) -> str:
    """Each segment gets its engine; what is gone or seen never comes back; a new startup appears at once."""
    _, service, client = _serve(platform)
    warm, cold = platform.query(PEOPLE_BY_ACTS, 5, 20)[0], _newcomer(platform)
    answer = _recommend(client, warm)
    assert (answer.segment, answer.rung, answer.degraded) == (Segment.WARM, Rung.TWO_TOWER, False)
    assert answer.model_version == "two_tower_v1"
    seen = platform.query("SELECT startup_id FROM interactions_interactionevent WHERE user_id = ?", UUID(warm).hex)
    offered = {str(item.startup_id) for item in answer.items}
    assert offered.isdisjoint(seen)
    assert _recommend(client, cold).rung is Rung.CONTENT_BASED
    best = str(answer.items[0].startup_id)
    platform.change("UPDATE startups_startup SET status = 'hidden' WHERE id = ?", UUID(best).hex)
    service.keeper.refresh()
    assert best not in {str(item.startup_id) for item in _recommend(client, warm).items}
    platform.change("UPDATE startups_startup SET status = 'active' WHERE id = ?", UUID(best).hex)
    service.keeper.refresh()
    assert best in {str(item.startup_id) for item in _recommend(client, warm).items}
    return f"a warm person is ranked by two_tower_v1, a newcomer by content; {len(set(seen))} seen startups stay away"


def check_fallback(platform: Platform) -> str:
    """A damaged active model leaves the old one serving; without any model, and without a database, answers go on."""
    database, service, client = _serve(platform)
    warm, unseen = platform.query(PEOPLE_BY_ACTS, 5, 20)[:2]
    broken = platform.registry.save(platform.registry.load_recommender("two_tower_v1")).version
    platform.registry.activate(broken)
    _flip_byte(model_file(platform.registry.folder, broken))
    service.keeper.refresh()
    told = service.model_control.models()
    assert (told.serving, told.active) == ("two_tower_v1", broken)
    assert told.problem
    assert not _recommend(client, warm).degraded
    content = _recommend(_serve(platform)[2], warm)
    assert (content.rung, content.degraded) == (Rung.CONTENT_BASED, True)
    database.close()
    platform.database.rename(platform.folder / "moved.sqlite3")
    remembered, stranger = _recommend(client, warm), _recommend(client, unseen)
    assert (remembered.rung, remembered.degraded) == (Rung.TWO_TOWER, True)
    assert (stranger.rung, stranger.degraded) == (Rung.TRENDING, True)
    bad = Problem.model_validate_json(client.get(f"/v1/users/{warm}/recommendations?limit=0").data)
    assert (bad.status, "1 to 100" in bad.detail) == (422, True)
    return "damaged model: the old one serves; no model: content; no database: as last known, marked; bad limit: 422"


CHECKS: dict[str, Callable[[Platform], str]] = {
    "dataset": check_dataset,
    "features": check_features,
    "training": check_training,
    "registry": check_registry,
    "serving": check_serving,
    "fallback": check_fallback,
}
"""In order: each builds on what those before it left behind."""


def _serve(platform: Platform) -> tuple[SqlPlatformDatabase, RecommendationService, FlaskClient]:
    database = SqlPlatformDatabase(platform.database_url)
    models = RegisteredModels(platform.registry.folder)
    service = RecommendationService(database, enable_two_tower=True, models=models)
    service.keeper.refresh()
    settings = read_settings()
    client = build_app(service, settings).test_client()
    token = sign_token(settings.service_keys, Scope.PLATFORM, SUBJECT_OF_PLATFORM, timedelta(hours=1))
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return database, service, client


def _recommend(client: FlaskClient, user_id: str) -> Recommendations:
    response = client.get(f"/v1/users/{user_id}/recommendations?limit=100")
    assert response.status_code == 200, response.text
    return Recommendations.model_validate_json(response.data)


def _newcomer(platform: Platform) -> str:
    """A person who has done nothing: everything the least busy one did is forgotten."""
    person = platform.query(PEOPLE_BY_ACTS, 0, 1000)[-1]
    platform.change("DELETE FROM interactions_interactionevent WHERE user_id = ?", UUID(person).hex)
    return person


def _flip_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _expect(error: type[Exception], call: Callable[[], object]) -> None:
    try:
        call()
    except error:
        return
    raise AssertionError(f"expected {error.__name__}, and nothing was raised")


def main() -> int:
    """Run every check and say what it verified; 1 as soon as one fails."""
    started = time.monotonic()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="launchmatch-") as folder:
        try:
            platform = make_platform(Path(folder))
            for name, check in CHECKS.items():
                print(f"ok    {name:<9} {check(platform)}", flush=True)
        except Exception as error:  # noqa: BLE001 - whatever failed, say what and end with status 1
            print(f"FAILED: {type(error).__name__}: {error}", file=sys.stderr)
            return 1
    print(f"all {len(CHECKS)} checks passed in {time.monotonic() - started:.1f} s")
    return 0


def test_the_loop() -> None:
    """The same checks under pytest, which this file does not import: the service's requirements leave it out."""
    with tempfile.TemporaryDirectory(prefix="launchmatch-") as folder:
        platform = make_platform(Path(folder))
        for check in CHECKS.values():
            assert check(platform)


if __name__ == "__main__":
    raise SystemExit(main())
