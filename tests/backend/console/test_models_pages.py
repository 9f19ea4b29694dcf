"""The pages of the models: with the service, without it, and what is asked of it."""

from __future__ import annotations

import json

import pytest

from console.models import AuditEntry
from console.services import model_actions
from contracts.api import ModelChange, Models, ModelSummary, ModelValidation, Problem
from recommendations.operator_client import OperatorClient


def models(*versions, active=None, problem=None):
    summaries = [ModelSummary(version=name, status=status, problem=why) for name, status, why in versions]
    return Models(serving=active, active=active, problem=problem, versions=summaries)


@pytest.fixture
def activate_on_disk(settings):
    def point(name):
        (settings.MODELS_DIR / "ACTIVE.json").write_text(json.dumps({"active": name, "previous": []}))

    return point


def test_without_any_model_there_is_a_way_to_the_first(console, service_down, text):
    shown = text(console.get("/console/models/"))
    assert "The recommendation service is unreachable." in shown
    assert "There is no model yet" in shown


def test_without_the_service_the_files_still_tell(console, service_down, add_version, activate_on_disk, text, settings):
    add_version(1)
    add_version(2, ndcg=0.6, refused="it is no better than trending")
    add_version(3, card=False)
    (settings.MODELS_DIR / "two_tower_v4.json").write_text("damaged")
    activate_on_disk("two_tower_v1")
    response = console.get("/console/models/")
    shown = {version.name: version for version in response.context["versions"]}
    assert list(shown) == ["two_tower_v4", "two_tower_v3", "two_tower_v2", "two_tower_v1"]
    assert [version.status for version in shown.values()] == ["invalid", "available", "refused", "active"]
    assert shown["two_tower_v1"].own.mean == 0.5
    name, figure = shown["two_tower_v1"].best_baseline
    assert (name, figure.mean) == ("als", 0.3)
    assert shown["two_tower_v3"].own is None
    assert "0.5000 0.4000 to 0.6000" in text(response)


def test_the_services_word_comes_first(console, service, add_version, text):
    add_version(1)
    told = models(("two_tower_v1", "invalid", "its file is damaged"), ("two_tower_v2", "active", None), active="x")
    service.answers(told)
    shown = {version.name: version.status for version in console.get("/console/models/").context["versions"]}
    assert shown == {"two_tower_v2": "active", "two_tower_v1": "invalid"}
    assert "its file is damaged" in text(console.get("/console/models/two_tower_v1/"))


def test_a_version_beside_baselines_and_the_active_one_by_segment(
    console, service_down, add_version, activate_on_disk, text
):
    add_version(1, ndcg=0.4)
    add_version(2, ndcg=0.5, pictures=("curves", "embeddings"))
    activate_on_disk("two_tower_v1")
    response = console.get("/console/models/two_tower_v2/")
    everybody, investors = response.context["comparisons"]
    assert (everybody.own.mean, everybody.baseline[0], everybody.active.mean) == (0.5, "als", 0.4)
    assert (investors.segment.people, investors.ensemble) == (323, None)
    shown = text(response)
    assert "Activate two_tower_v2" in shown
    assert "two_tower_v1 (active)" in shown
    assert "python train_two_tower.py" in shown
    assert response.content.count(b"<img") - response.content.count(b'alt=""') == 2


def test_there_is_no_page_of_a_version_that_does_not_exist(console, service_down):
    for address in ("two_tower_v9/", "two_tower_v9/curves.png", "..%2F..%2Fetc/", "two_tower_v0/"):
        assert console.get(f"/console/models/{address}").status_code == 404


def test_pictures_are_served_as_what_they_are(console, add_version):
    add_version(1)
    response = console.get("/console/models/two_tower_v1/curves.png")
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content.startswith(b"\x89PNG")
    assert console.get("/console/models/two_tower_v1/reliability.png").status_code == 404
    assert console.get("/console/models/two_tower_v1/card.png").status_code == 404


def test_stored_markup_is_shown_as_text(console, service_down, add_version, settings):
    add_version(1, refused="<script>alert(1)</script>")
    (settings.MODELS_DIR / "two_tower_v1.card.md").write_text(
        "# x\n\n- `<b>` <script>alert(1)</script>\n\n| <i> |\n|-|\n"
    )
    page = console.get("/console/models/two_tower_v1/").content
    assert b"<script>alert" not in page
    assert b"<code>&lt;b&gt;</code> &lt;script&gt;" in page


def test_activating_asks_the_service_and_is_written_down(console, engineer, service, add_version, text):
    add_version(2)
    service.answers(ModelChange(active="two_tower_v2", previous="two_tower_v1", serving="two_tower_v1"))
    response = console.post("/console/models/two_tower_v2/activate/", {"reason": "better for investors"})
    assert (response.status_code, response.headers["Location"]) == (302, "/console/models/two_tower_v2/")
    assert service.paths == ["/v1/models/two_tower_v2/activate"]
    assert json.loads(service.bodies[0]) == {"reason": "better for investors", "force": False}
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target) == (engineer, "model_activate", "two_tower_v2")
    assert (entry.reason, entry.outcome) == ("better for investors", "done")
    assert entry.detail == "two_tower_v1 -> two_tower_v2"
    assert "two_tower_v2 is active, after two_tower_v1" in text(console.get("/console/audit/"))


def test_a_refusal_is_told_in_the_services_words_and_written_down(console, service, add_version, text):
    add_version(2)
    service.behave = service.sends(
        409, Problem(title="Conflict", status=409, detail="two_tower_v2 is refused").model_dump_json().encode()
    )
    console.post("/console/models/two_tower_v2/activate/", {"reason": "try", "force": "1"})
    entry = AuditEntry.objects.get()
    assert (entry.outcome, entry.detail) == ("refused", "two_tower_v2 is refused")
    assert "Nothing was changed: two_tower_v2 is refused." in text(console.get("/console/audit/"))


def test_without_a_reason_nothing_is_asked(console, service, add_version):
    add_version(2)
    for address in ("two_tower_v2/activate/", "rollback/"):
        assert console.post(f"/console/models/{address}", {"reason": "  "}).status_code == 302
    assert service.paths == []
    assert not AuditEntry.objects.exists()


def test_a_silent_service_changes_nothing_and_that_is_written_down(console, service_down, add_version, text):
    add_version(1)
    console.post("/console/models/two_tower_v1/validate/")
    console.post("/console/models/rollback/", {"reason": "worse for students", "active": "two_tower_v2"})
    entries = AuditEntry.objects.order_by("id")
    assert [(entry.action, entry.outcome) for entry in entries] == [
        ("model_validate", "failed"),
        ("model_rollback", "failed"),
    ]
    assert "Nothing was changed: the recommendation service is unreachable." in text(console.get("/console/audit/"))


def test_a_service_that_is_too_slow_may_have_done_it_all_the_same(console, service, add_version, text, monkeypatch):
    add_version(2)
    slow = OperatorClient(base_url=service.url, timeout_seconds=0.2)
    monkeypatch.setattr(model_actions, "operator_client", lambda: slow)
    service.behave = service.hangs
    console.post("/console/models/two_tower_v2/activate/", {"reason": "better"})
    entry = AuditEntry.objects.get()
    assert (entry.outcome, entry.detail) == (
        "failed",
        "the recommendation service did not answer in time; it may have been done",
    )
    shown = text(console.get("/console/audit/"))
    assert "It is not known whether it was done: the recommendation service did not answer in time." in shown
    assert "Nothing was changed" not in shown


@pytest.mark.parametrize(("valid", "outcome"), [(True, "done"), (False, "refused")])
def test_validating_tells_what_came_of_it(console, service, add_version, text, valid, outcome):
    add_version(1)
    problem = None if valid else "a weight is NaN"
    service.answers(ModelValidation(version="two_tower_v1", valid=valid, problem=problem, seconds=1.25))
    console.post("/console/models/two_tower_v1/validate/")
    assert AuditEntry.objects.get().outcome == outcome
    shown = text(console.get("/console/audit/"))
    assert ("proved by loading it in 1.2 s" if valid else "could not serve: a weight is NaN") in shown


def test_rolling_back_names_what_answers_again(console, service, text):
    service.answers(ModelChange(active="two_tower_v1", previous="two_tower_v2", serving="two_tower_v2"))
    console.post("/console/models/rollback/", {"reason": "worse for students", "active": "two_tower_v2"})
    assert json.loads(service.bodies[0]) == {"reason": "worse for students", "active": "two_tower_v2"}
    entry = AuditEntry.objects.get()
    assert (entry.target, entry.detail) == ("two_tower_v2", "two_tower_v2 -> two_tower_v1")
    assert "two_tower_v1 is active again, after two_tower_v2" in text(console.get("/console/audit/"))


def test_the_form_says_which_version_it_was_looking_at(console, service, add_version, activate_on_disk):
    add_version(1)
    assert 'name="active" value=""' in console.get("/console/models/").content.decode()
    activate_on_disk("two_tower_v1")
    assert 'name="active" value="two_tower_v1"' in console.get("/console/models/").content.decode()
    service.answers(
        models(("two_tower_v1", "available", None), ("two_tower_v2", "active", None), active="two_tower_v2")
    )
    assert 'name="active" value="two_tower_v2"' in console.get("/console/models/").content.decode()


def test_a_form_that_does_not_say_so_is_refused(console, service, text):
    console.post("/console/models/rollback/", {"reason": "worse for students"})
    assert service.paths == []
    assert "Nothing was changed. Active: This page is out of date" in text(console.get("/console/audit/"))


def test_no_act_by_get(console, add_version):
    add_version(1)
    for address in ("rollback/", "two_tower_v1/activate/", "two_tower_v1/validate/"):
        assert console.get(f"/console/models/{address}").status_code == 405


def test_the_newest_card_is_shown_when_it_changes(console, service_down, add_version, settings):
    add_version(1, ndcg=0.5)
    console.get("/console/models/")
    add_version(1, ndcg=0.25)
    assert console.get("/console/models/").context["versions"][0].own.mean == 0.25
