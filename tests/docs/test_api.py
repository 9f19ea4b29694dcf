"""docs/api.md: every route has its heading, every example runs against a real service, every table is whole."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.training_config import TowerConfig, fast
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import TrainingData
from recommendation_service.http_api.list_query import RECOMMENDATIONS_PARAMETERS
from recommendation_service.http_api.operations import OPERATIONS
from tests.declared_platform import fill_database
from tests.live_service import FOLDER, LiveService
from tests.recommendation_service.conftest import Shape, build_platform

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
FENCE = re.compile(r"^```bash(?P<kind>[^\n]*)\n(?P<script>.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (GET|POST) (\S+)$", re.MULTILINE)
EXAMPLES = [(found["kind"].strip(), found["script"]) for found in FENCE.finditer(GUIDE)]


def section(path: str) -> str:
    return GUIDE.partition(f"{path}\n")[2].partition("\n## ")[0]


def test_every_route_has_its_heading_and_every_heading_its_route() -> None:
    headings = [(method.lower(), path) for method, path in HEADING.findall(GUIDE)]
    assert sorted(headings) == sorted((operation.method, operation.path) for operation in OPERATIONS)


def test_every_route_has_an_example() -> None:
    for operation in OPERATIONS:
        assert "```bash" in section(operation.path), operation.path


def test_every_parameter_of_recommendations_is_told() -> None:
    told = section("/v1/users/{user_id}/recommendations")
    assert all(f"`{name}`" in told for name in RECOMMENDATIONS_PARAMETERS)


def test_every_status_that_a_route_promises_is_told() -> None:
    table = GUIDE.partition("| status | meaning |")[2].partition("\n\n")[0]
    promised = {status for operation in OPERATIONS for status in operation.problems}
    assert promised <= {int(number) for number in re.findall(r"\b[45]\d\d\b", table)}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[LiveService, TrainingData]]:
    """A real service over a real database, with two versions of which the second serves."""
    platform = build_platform(Shape())
    tower = TowerConfig(hidden=(8,), dropout=(0.0,))
    config = replace(fast(), user_tower=tower, startup_tower=tower, embedding=4, epochs=1)
    registry, trained = ModelRegistry(tmp_path / "models"), TwoTowerRecommender(config).fit(platform)
    for _ in range(2):
        registry.activate(registry.save(trained).version)
    with LiveService(tmp_path, fill_database(tmp_path / "platform.sqlite3", platform)) as running:
        yield running.await_ready(), platform


@pytest.mark.slow
def test_every_example_runs(service: tuple[LiveService, TrainingData]) -> None:
    running, platform = service
    startup = next(startup for startup in platform.startups if startup.closed_at is None)
    script = "\necho\n".join(script for _, script in EXAMPLES)
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.replace(":5001", f":{running.port}")],
        cwd=FOLDER,
        env={
            **running.environment,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "USER_ID": platform.users[0].id,
            "STARTUP_ID": startup.id,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, f"{finished.stdout[-2000:]}\n{finished.stderr}"
    answers = [json.loads(line) for line in finished.stdout.splitlines() if line.startswith("{")]
    assert [answer["active"] for answer in answers if set(answer) == {"active", "previous", "serving"}] == [
        "two_tower_v1",
        "two_tower_v2",
    ]
    assert not [answer for answer in answers if answer.get("problem")]
