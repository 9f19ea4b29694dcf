"""What the data lacks, counted against hand arithmetic; data in and out."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from console.jobs.folders import JobFolder
from console.models import AuditEntry, Job
from console.selectors.data_quality import data_findings
from console.selectors.event_rates import DAYS, event_rates
from console.selectors.events_csv import COLUMNS, events_csv
from console.services import jobs as job_services
from recommendations.models import StartupEmbedding

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def started(monkeypatch):
    asked = []
    monkeypatch.setattr(job_services, "start_runner", asked.append)
    return asked


def test_findings_by_hand(make_user, make_startup, make_event):
    member = make_user(profile={"bio": "I build things"})
    make_user()
    make_user(preferences={"tags": ["climate"]})
    make_user(is_active=False)
    embedded, bare = make_startup(description="A text"), make_startup(category="")
    make_startup(status="hidden")
    StartupEmbedding.objects.create(startup=embedded, model_id="m", text_hash="0" * 64, vector=b"\0" * 1536)
    for back in range(3):
        make_event(member, embedded, "like", occurred_at=NOW - timedelta(hours=back))
    undone = make_event(member, bare, "like", occurred_at=NOW)
    make_event(member, bare, "like", occurred_at=NOW, undoes=undone)
    make_event(member, bare, "view", occurred_at=NOW)
    make_event(member, bare, "view", occurred_at=NOW)
    make_event(member, embedded, "like", occurred_at=NOW - timedelta(days=8))
    counts = {finding.what: (finding.count, finding.of) for finding in data_findings()}
    assert counts == {
        "Open startups without a text embedding": (1, 2),
        "Open startups without a description": (1, 2),
        "Open startups without a category": (1, 2),
        "Members without a text embedding": (3, 3),
        "Members with an empty profile and no preferences": (1, 3),
        "Repeated likes, saves and applications (7 days)": (2, 3),
    }


def test_rates_have_every_day_and_type_and_leave_undoings_out(member, startup, make_event):
    assert event_rates() == []
    act = make_event(member, startup, "like", occurred_at=NOW)
    make_event(member, startup, "like", occurred_at=NOW, undoes=act)
    make_event(member, startup, "view", occurred_at=NOW.replace(hour=0, minute=0))
    make_event(member, startup, "view", occurred_at=NOW - timedelta(days=1))
    make_event(member, startup, "view", occurred_at=NOW - timedelta(days=DAYS + 1))
    cache.clear()
    rates = event_rates()
    assert [day.day for day in rates] == [NOW.date() - timedelta(days=back) for back in reversed(range(DAYS))]
    assert (rates[-1].counts["like"], rates[-1].counts["view"], rates[-1].total) == (1, 1, 2)
    assert (rates[-2].total, sum(day.total for day in rates)) == (1, 3)


def test_the_page_of_an_empty_and_of_a_used_platform(console, member, startup, make_event, text):
    assert "Counting" in text(console.get("/console/data/"))
    part = console.get("/console/data/figures/", headers={"HX-Request": "true"})
    assert b"Nobody did anything yet." in part.content
    assert b"<html" not in part.content
    cache.clear()
    make_event(member, startup, "like", occurred_at=NOW)
    assert console.get("/console/data/figures/").headers["Location"] == "/console/data/"
    response = console.get("/console/data/")
    assert "10 Mar 2026 0 0 0 1 0 0 0 1" in text(response)
    assert response.content.count(b'class="bar"') == 1


def test_events_leave_as_csv_oldest_first_and_that_is_written_down(console, member, startup, make_event):
    first = make_event(member, startup, "like", occurred_at=NOW - timedelta(days=2))
    undoing = make_event(member, startup, "like", occurred_at=NOW, undoes=first)
    make_event(member, startup, "view", occurred_at=NOW - timedelta(days=40))
    response = console.post("/console/data/events/", {"days": "30"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert [int(row["id"]) for row in rows] == [first.pk, undoing.pk]
    assert rows[0]["user_id"] == str(member.pk)
    assert rows[0]["occurred_at"] == "2026-03-08T12:00:00+00:00"
    assert (rows[0]["undoes_id"], rows[1]["undoes_id"]) == ("", str(first.pk))
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target) == ("data_export", "events of 30 days")


def test_an_export_is_cut_into_pieces_without_loss(member, startup, make_event, monkeypatch):
    monkeypatch.setattr("console.selectors.events_csv.CHUNK", 3)
    for minute in range(7):
        make_event(member, startup, "view", occurred_at=NOW + timedelta(minutes=minute))
    pieces = list(events_csv(days=1))
    assert len(pieces) == 3
    assert len(list(csv.reader(io.StringIO("".join(pieces))))) == 1 + 7
    assert next(csv.reader(io.StringIO(pieces[0]))) == list(COLUMNS)


@pytest.mark.parametrize("days", ["0", "-1", "1e9", "367", "", "x"])
def test_a_window_that_cannot_be_meant_exports_nothing(console, days):
    assert console.post("/console/data/events/", {"days": days}).status_code == 302
    assert not AuditEntry.objects.exists()


def upload(name, content=b"external_id,role\nu-1,student\n"):
    return SimpleUploadedFile(name, content)


def test_tables_are_stored_under_the_formats_names_and_the_job_starts(console, started):
    response = console.post(
        "/console/data/import/",
        {"source": "platform", "tables": [upload("users.csv"), upload("interactions.csv", b"x")]},
    )
    job = Job.objects.get()
    assert response.headers["Location"] == f"/console/jobs/{job.pk}/"
    assert started == [job.pk]
    assert job.parameters == {"source": "platform", "files": ["users.csv", "interactions.csv"]}
    assert (JobFolder(job.pk).upload / "users.csv").read_bytes().startswith(b"external_id")


@pytest.mark.parametrize(
    ("source", "names", "problem"),
    [
        ("platform", ["passwords.csv"], "no table of the format"),
        ("platform", ["users.exe"], "no table of the format"),
        ("platform", ["users.csv", "users.csv"], "comes twice"),
        ("crunchbase", ["crunch2013.zip"], "no zip file"),
        ("elsewhere", ["users.csv"], "Source"),
        ("platform", [], "Tables"),
    ],
)
def test_what_is_no_import_stores_nothing(console, started, text, settings, source, names, problem):
    console.post("/console/data/import/", {"source": source, "tables": [upload(name) for name in names]})
    assert problem in text(console.get("/console/data/"))
    assert not Job.objects.exists()
    assert started == []
    assert not settings.JOBS_DIR.exists()


def test_an_archive_that_unpacks_to_too_much_is_refused(console, started, text, monkeypatch):
    monkeypatch.setattr("console.jobs.uploads.MAX_UNPACKED_BYTES", 1000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("crunchbase-companies.csv", "0" * 100_000)
    file = upload("crunch2013.zip", packed.getvalue())
    console.post("/console/data/import/", {"source": "crunchbase", "tables": [file]})
    assert "unpacks to more than" in text(console.get("/console/data/"))
    assert not Job.objects.exists()


def test_a_path_in_a_file_name_is_ignored(console, started):
    console.post("/console/data/import/", {"source": "platform", "tables": [upload("../../users.csv")]})
    job = Job.objects.get()
    assert [file.name for file in JobFolder(job.pk).upload.iterdir()] == ["users.csv"]


@pytest.mark.parametrize(("is_staff", "limit"), [(False, "MAX_BYTES"), (True, "MAX_STAFF_BYTES")])
def test_an_upload_is_bounded_by_who_sends_it_before_it_is_read(make_user, started, monkeypatch, is_staff, limit):
    monkeypatch.setattr(f"config.uploads.{limit}", 1000)
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(make_user(is_staff=is_staff))
    careful.cookies["csrftoken"] = "a" * 32
    for size, status in ((2000, 400), (10, 403)):  # a small one is read, and then lacks its CSRF token
        files = {"source": "platform", "tables": upload("users.csv", b"x" * size)}
        assert careful.post("/console/data/import/", files).status_code == status
    assert started == []


def test_an_engineer_may_send_more_than_a_member(console, started, monkeypatch):
    monkeypatch.setattr("config.uploads.MAX_BYTES", 1000)
    files = {"source": "platform", "tables": upload("users.csv", b"x" * 2000)}
    assert console.post("/console/data/import/", files).headers["Location"].startswith("/console/jobs/")
