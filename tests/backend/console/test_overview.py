"""What serves now, as the service and the platform tell it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from console.models import Job, JobKind
from console.selectors.status import status_figures
from console.services.jobs import SILENCE
from contracts.api import Latency, ServiceStatus


@pytest.fixture
def status():
    def make(**changes):
        now = datetime.now(tz=UTC)
        values = {
            "serving": "two_tower_v3",
            "serving_since": now - timedelta(hours=3, minutes=5),
            "catalogue_size": 20_000,
            "catalogue_age_seconds": 1.5,
            "answers": 200,
            "answers_by_rung": {"trending": 50, "two_tower": 150},
            "degraded_answers": 10,
            "responses_by_status": {"2xx": 970, "4xx": 20, "5xx": 10},
            "latencies": [Latency(name="recommendations", count=200, p50_ms=1.234, p95_ms=5, p99_ms=12.5)],
            "breakers": {"database": "half_open"},
            "problems": ["the model of two_tower_v4 is damaged"],
            "started_at": now - timedelta(days=2),
        }
        return ServiceStatus(**{**values, **changes})

    return make


def test_shares_by_hand(status):
    figures = status_figures(status())
    assert figures.rungs == [("two_tower", 150, 0.75), ("trending", 50, 0.25)]
    assert (figures.degraded_share, figures.error_share, figures.refused_share) == (0.05, 0.01, 0.02)
    nothing = status_figures(status(answers=0, answers_by_rung={}, degraded_answers=0, responses_by_status={}))
    assert (nothing.rungs, nothing.degraded_share, nothing.error_share) == ([], 0.0, 0.0)


def test_the_page_shows_what_the_service_says(console, service, status, startup, make_event, member, text):
    make_event(member, startup, "like", occurred_at=datetime.now(tz=UTC) - timedelta(minutes=90))
    service.answers(status())
    shown = text(console.get("/console/"))
    for words in (
        "two_tower_v3 for 3 hours",
        "200 since it started 2 days ago",
        "Degraded 5.0%",
        "Errors 1.0% of 1,000 responses; refused 2.0%",
        "20,000 startups, 1 second old",
        "Two tower 150 75.0% Trending 50 25.0%",
        "recommendations 200 1.23 5 12.5",
        "Database: Half open",
        "the model of two_tower_v4 is damaged",
        "Newest act 1 hour ago",
    ):
        assert words in shown


@pytest.mark.parametrize("page", ["/console/", "/console/models/"])
def test_a_service_that_hangs_costs_one_deadline_and_is_told(console, service, text, page):
    service.behave = service.hangs
    assert "The recommendation service did not answer in time." in text(console.get(page))
    assert len(service.paths) == 1


def test_an_answer_that_breaks_the_contract_is_told(console, service, text):
    service.behave = service.sends(200, b'{"serving": 1}')
    assert "The recommendation service gave an invalid answer." in text(console.get("/console/"))


def test_an_empty_platform_without_service(console, service_down, text):
    shown = text(console.get("/console/"))
    assert "The recommendation service is unreachable." in shown
    assert "Newest act never" in shown


def test_a_job_whose_process_is_gone_is_not_at_work(console, service_down):
    assert "is at work" not in console.get("/console/").content.decode()
    job = Job.objects.create(kind=JobKind.TRAINING)
    assert "is at work" in console.get("/console/").content.decode()
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - 2 * SILENCE)
    assert "is at work" not in console.get("/console/").content.decode()
