"""The figures as Prometheus reads them, parsed by its own library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from contracts.api import BreakerState, Readiness, Rung, ServiceStatus
from recommendation_service.http_api.measuring import register_measuring
from recommendation_service.http_api.metrics import metrics_blueprint
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.statistics import ServiceStatistics


class Observed:
    """A service that says what it is told, and its state."""

    def __init__(self) -> None:
        self.statistics = ServiceStatistics()
        self.fallbacks = FallbackCounter()
        self.serving: str | None = "two_tower_v3"
        self.age: float | None = 1.5

    @property
    def state(self) -> Observed:
        return self

    def readiness(self) -> Readiness:
        return Readiness(
            ready=self.age is not None,
            rung=Rung.TWO_TOWER,
            model_version=self.serving,
            catalogue_size=40,
            catalogue_age_seconds=self.age,
            problems=[],
        )

    def model_created_at(self) -> datetime | None:
        return datetime.now(UTC) - timedelta(days=8) if self.serving else None

    def startups_without_text(self) -> int:
        return 3

    def index_recalls(self) -> dict[str, float]:
        return {"two_tower": 0.97}

    def status(self) -> ServiceStatus:
        return ServiceStatus(
            serving=self.serving,
            serving_since=datetime.now(UTC) - timedelta(minutes=1) if self.serving else None,
            catalogue_size=40,
            catalogue_age_seconds=self.age,
            answers=0,
            answers_by_rung={},
            degraded_answers=0,
            responses_by_status={},
            latencies=[],
            breakers={"database": BreakerState.OPEN},
            problems=["catalogue: it is gone"],
            started_at=self.statistics.started_at,
        )


@pytest.fixture
def observed() -> Observed:
    return Observed()


@pytest.fixture
def app(observed: Observed) -> Flask:
    app = Flask("measured", static_folder=None)
    register_measuring(app, observed.statistics)
    app.register_blueprint(metrics_blueprint(observed))
    app.get("/users/<user_id>", endpoint="v1.recommendations")(lambda user_id: ("", 404))
    return app


def scraped(app: Flask) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def figure(app: Flask, name: str, **labels: str) -> float | None:
    return scraped(app).get((f"launchmatch_service_{name}", frozenset(labels.items())))


def test_requests_are_measured_by_endpoint_and_never_by_person(app: Flask) -> None:
    user_id = str(uuid4())
    for _ in range(3):
        app.test_client().get(f"/users/{user_id}")
    app.test_client().get(f"/nowhere/{user_id}")
    assert figure(app, "responses_total", endpoint="recommendations", status="404") == 3
    assert figure(app, "responses_total", endpoint="none", status="404") == 1
    assert figure(app, "request_seconds_count", endpoint="recommendations") == 3
    assert figure(app, "request_seconds_bucket", endpoint="recommendations", le="+Inf") == 3
    assert user_id not in app.test_client().get("/metrics").text


def test_buckets_hold_what_is_no_longer_than_their_edge(app: Flask, observed: Observed) -> None:
    for seconds in (0.0004, 0.003, 0.003, 0.2):
        observed.statistics.count_response("similar", 200, seconds)
    edges = ("0.0005", "0.0025", "0.005", "0.1", "0.25", "5")
    found = [figure(app, "request_seconds_bucket", endpoint="similar", le=edge) for edge in edges]
    assert found == [1, 1, 3, 3, 4, 4]
    assert figure(app, "request_seconds_sum", endpoint="similar") == pytest.approx(0.2064)


def test_rungs_stages_fallbacks_and_who_was_turned_away(app: Flask, observed: Observed) -> None:
    observed.statistics.count_answer(Rung.TRENDING, degraded=True)
    observed.statistics.count_turned_away("queue_full")
    observed.fallbacks.count("user_state", "DatabaseUnavailableError")
    with observed.statistics.stage("rank"):
        pass
    assert figure(app, "answers_total", rung="trending", degraded="true") == 1
    assert figure(app, "turned_away_total", reason="queue_full") == 1
    assert figure(app, "fallbacks_total", what="user_state", cause="DatabaseUnavailableError") == 1
    assert figure(app, "stage_seconds_count", stage="rank") == 1


def test_the_state_of_catalogue_model_and_neighbours(app: Flask) -> None:
    assert figure(app, "ready") == 1
    assert figure(app, "catalogue_startups") == 40
    assert figure(app, "startups_without_text") == 3
    assert figure(app, "catalogue_age_seconds") == 1.5
    week = timedelta(days=7).total_seconds()
    assert (figure(app, "model_age_seconds", version="two_tower_v3") or 0) > week, "it took over a minute ago"
    assert figure(app, "breaker_open", dependency="database") == 1
    assert figure(app, "problems") == 1
    assert figure(app, "index_recall", rung="two_tower") == 0.97


def test_without_model_and_catalogue_their_ages_are_left_out(app: Flask, observed: Observed) -> None:
    observed.serving = observed.age = None
    assert figure(app, "ready") == 0
    names = {name for name, _ in scraped(app)}
    assert "launchmatch_service_model_age_seconds" not in names
    assert "launchmatch_service_catalogue_age_seconds" not in names
