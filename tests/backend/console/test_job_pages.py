"""Starting, watching and cancelling a training from the page."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from console.jobs.folders import JobFolder
from console.jobs.parameters import TrainingParameters
from console.models import AuditEntry, Job, JobKind, JobStatus
from console.services import jobs as job_services

MANIFEST = {
    "schema_version": 1,
    "created_at": "2026-03-10T12:00:00Z",
    "generator": "generate_two_tower_dataset",
    **{
        name: {"name": f"{name}.x", "rows": rows, "bytes": 1, "sha256": "0"}
        for name, rows in (("pairs", 1234), ("users", 56), ("startups", 7))
    },
    "positives": 400,
    "dislikes": 34,
    "sampled_negatives": 800,
    **dict.fromkeys(("window_start", "window_end", "since", "until")),
    "label_policy": {"labels": {}, "weights": {}},
    "negatives": {"per_positive": 2, "strategy": "uniform", "seed": 0},
    "embedding_model": None,
    "embedding_dim": 384,
    "users_without_embedding": 3,
    "startups_without_embedding": 0,
}


@pytest.fixture
def started(monkeypatch):
    asked = []
    monkeypatch.setattr(job_services, "start_runner", asked.append)
    return asked


@pytest.fixture
def job(engineer):
    return Job.objects.create(
        kind=JobKind.TRAINING,
        parameters=TrainingParameters(preset="fast", epochs=5).to_json(),
        status=JobStatus.RUNNING,
        step="Training and evaluation",
        started_by=engineer,
    )


def end(job, status=JobStatus.DONE, **changes):
    Job.objects.filter(pk=job.pk).update(status=status, ended_at=timezone.now(), **changes)


def test_a_training_starts_from_the_page_and_the_page_shows_it(console, started, text):
    assert "Train a new version" in text(console.get("/console/training/"))
    response = console.post("/console/training/start/", {"preset": "history", "ensemble": "1", "epochs": "3"})
    job = Job.objects.get()
    assert response.headers["Location"] == f"/console/jobs/{job.pk}/"
    assert job.parameters == {"preset": "history", "ensemble": True, "epochs": 3}
    shown = text(console.get("/console/training/"))
    assert "A training is at work" in shown
    assert "Train a new version" not in shown
    console.post("/console/training/start/", {"preset": "fast"})
    assert "Nothing was started: a job (training) is still running" in text(console.get("/console/training/"))
    assert started == [job.pk]


@pytest.mark.parametrize("wrong", [{"preset": "giant"}, {"preset": "fast", "epochs": "0"}, {"epochs": "x"}, {}])
def test_what_cannot_be_meant_starts_nothing(console, started, wrong, text):
    console.post("/console/training/start/", wrong)
    assert "Nothing was started." in text(console.get("/console/training/"))
    assert started == []
    assert not Job.objects.exists()


def test_a_running_job_is_looked_at_again_and_again_until_it_ended(console, job, text):
    JobFolder(job.pk).path.mkdir(parents=True)
    JobFolder(job.pk).log.write_text("== Training and evaluation\nsearch epoch   2/5  loss 0.4  NDCG@10 0.2 *  0.5 s\n")
    part = console.get(f"/console/jobs/{job.pk}/part/")
    assert b'hx-trigger="every 2s"' in part.content
    assert b"<html" not in part.content
    shown = text(console.get(f"/console/jobs/{job.pk}/"))
    assert "Embeddings done Dataset done Training and evaluation at work" in shown
    assert "Epoch 2 of 5" in shown
    end(job)
    assert b"hx-trigger" not in console.get(f"/console/jobs/{job.pk}/part/").content


def test_the_version_that_it_made_and_its_verdict(console, job, add_version, text):
    made = add_version(3, refused="it is no better than trending")
    end(job, version=made)
    response = console.get(f"/console/jobs/{job.pk}/")
    assert f'href="/console/models/{made}/"'.encode() in response.content
    assert "NDCG@10 0.5000 0.4000 to 0.6000" in text(response)
    assert "it is no better than trending" in text(response)


def test_why_it_failed(console, job, text):
    end(job, JobStatus.FAILED, problem="Dataset ended with status 1: <b>no acts</b>")
    response = console.get(f"/console/jobs/{job.pk}/")
    assert "Dataset ended with status 1: <b>no acts</b>" in text(response)
    assert b"<b>no acts" not in response.content
    assert "Training and evaluation stopped" in text(response)


def test_cancelling(console, job, text):
    assert console.get(f"/console/jobs/{job.pk}/cancel/").status_code == 405
    console.post(f"/console/jobs/{job.pk}/cancel/")
    job.refresh_from_db()
    assert job.cancel_requested_at is not None
    assert "It was asked to stop." in text(console.get(f"/console/jobs/{job.pk}/"))
    end(job, JobStatus.CANCELLED)
    console.post(f"/console/jobs/{job.pk}/cancel/")
    assert "there is nothing to cancel" in text(console.get(f"/console/jobs/{job.pk}/"))


def test_the_log_as_a_file(console, job):
    address = f"/console/jobs/{job.pk}/log/"
    assert console.get(address).status_code == 404
    JobFolder(job.pk).path.mkdir(parents=True)
    JobFolder(job.pk).log.write_text("<script>alert(1)</script>")
    response = console.get(address)
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response.headers["Content-Type"] == "text/plain"
    assert response.headers["Content-Disposition"].startswith("attachment")


def test_the_dataset_of_a_training_can_be_taken_and_that_is_written_down(console, job, text):
    paths = JobFolder(job.pk).dataset
    paths.pairs.parent.mkdir(parents=True)
    paths.pairs.write_text("user_id,startup_id\n")
    assert console.post(f"/console/jobs/{job.pk}/dataset/pairs/").status_code == 404
    paths.manifest.write_text(json.dumps(MANIFEST))
    assert "1,234 pairs: 400 positives, 34 dislikes, 800 sampled negatives" in text(
        console.get(f"/console/jobs/{job.pk}/")
    )
    response = console.post(f"/console/jobs/{job.pk}/dataset/pairs/")
    assert b"".join(response.streaming_content) == b"user_id,startup_id\n"
    assert AuditEntry.objects.get().target == f"two_tower_train.csv of {job.pk}"
    for part in ("secrets", "users"):
        assert console.post(f"/console/jobs/{job.pk}/dataset/{part}/").status_code == 404
