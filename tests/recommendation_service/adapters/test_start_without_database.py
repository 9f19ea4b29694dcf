"""A service that was stopped, started again while the platform's database is down, on real files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from accounts.models import User
from contracts.api import Rung
from contracts.dataset import EMBEDDING_DIM
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.adapters.saved_catalogue import SavedCatalogue
from recommendation_service.services.errors import NotReadyError
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.user_states import UserReadConfig, UserStates
from recommendations.models import StartupEmbedding
from startups.models import Startup

SELDOM = ServingOptions(refresh_interval=timedelta(hours=1))
GONE = "sqlite:////nowhere/gone.sqlite3"


@contextmanager
def serving(url: str, state: Path) -> Iterator[RecommendationService]:
    """A started service that waits for its reads of people: how fast they are is not what is tested."""
    database = SqlPlatformDatabase(url, request_timeout_seconds=5)
    users = UserStates(database, UserReadConfig(deadline=timedelta(seconds=5)))
    service = RecommendationService(database, False, options=SELDOM, users=users, store=SavedCatalogue(state))
    service.start()
    yield service
    service.stop()
    database.close()


@pytest.fixture
def state(database_url: str, tmp_path: Path, add_startup: Callable[..., Startup]) -> Path:
    """What a service leaves behind that read three startups."""
    for number, name in enumerate("abc"):
        vector = np.eye(EMBEDDING_DIM, dtype=np.float32)[number]
        StartupEmbedding.objects.create(startup=add_startup(name), model_id="m", text_hash="h", vector=vector.tobytes())
    with serving(database_url, tmp_path):
        return tmp_path


def test_what_was_kept_answers_marked_with_the_reason_until_the_database_is_back(
    state: Path, database_url: str, add_user: Callable[..., User]
) -> None:
    member = add_user("member")
    with serving(GONE, state) as service:
        answer = service.recommend(member.id, 10)
        assert len(answer.items) == 3
        assert (answer.rung, answer.degraded) == (Rung.NEWEST, True)
        assert "as it was kept at" in (answer.degraded_reason or "")
        similar = service.similar(answer.items[0].startup_id)
        assert len(similar.items) == 2
        ready = service.state.readiness()
        assert (ready.ready, ready.catalogue_size) == (True, 3)
        assert any("did not answer" in problem for problem in ready.problems)
        assert ready.catalogue_age_seconds is not None
        assert ready.catalogue_age_seconds > 0
    with serving(database_url, state) as back:
        answer = back.recommend(member.id, 10)
        assert (len(answer.items), answer.degraded, back.state.readiness().problems) == (3, False, [])


def test_the_start_after_changes_shows_them_and_not_what_was_kept(
    state: Path, database_url: str, add_startup: Callable[..., Startup], add_user: Callable[..., User]
) -> None:
    Startup.objects.filter(title="a").delete()
    Startup.objects.filter(title="b").update(status="hidden")
    added = add_startup("d")
    with serving(database_url, state) as service:
        shown = {item.startup_id for item in service.recommend(add_user("member").id, 10).items}
        assert shown == {added.id, Startup.objects.get(title="c").id}


@pytest.mark.parametrize("part", ["catalogue.json", "startups-*.jsonl", "arrays/*.npy"])
def test_what_was_damaged_is_refused_with_the_reason_and_nothing_is_ready(state: Path, part: str) -> None:
    (file,) = state.glob(part)
    file.write_bytes(file.read_bytes()[:100])
    with serving(GONE, state) as service:
        with pytest.raises(NotReadyError):
            service.recommend(uuid4(), 10)
        ready = service.state.readiness()
        assert not ready.ready
        assert any(problem.startswith("saved_catalogue: ") for problem in ready.problems)
