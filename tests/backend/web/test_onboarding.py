from __future__ import annotations

import pytest

from web.onboarding_steps import steps_for


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        ("student", [("skills",), ("categories",), ("fields", "tags")]),
        ("investor", [("categories",), ("stages",), ("fields", "tags")]),
        ("entrepreneur", [("categories",), ("fields", "tags"), ("skills",)]),
    ],
)
def test_each_role_is_asked_what_fits_it(role, asked):
    assert [step.asks for step in steps_for(role)] == asked


def test_a_student_answers_three_questions_and_sees_the_feed(web, member, make_startup, page, service_down):
    make_startup(category="fintech", field="payments", tags=["b2b"])
    first = page(web.get("/welcome/"))
    assert "Question 1 of 3" in first.text
    answer = web.post("/welcome/skills/", {"skills": ["python"], "more_skills": "Falconry"})
    assert answer["Location"] == "/welcome/categories/"
    answer = web.post(answer["Location"], {"categories": ["fintech"]})
    assert answer["Location"] == "/welcome/topics/"
    answer = web.post(answer["Location"], {"fields_": ["payments"], "tags": ["b2b"]})
    assert answer["Location"] == "/"
    member.preferences.refresh_from_db()
    wanted = member.preferences
    assert (wanted.skills, wanted.categories) == (["python", "falconry"], ["fintech"])
    assert (wanted.fields, wanted.tags) == (["payments"], ["b2b"])
    assert "This is your feed." in page(web.get("/")).text


def test_skills_to_use_become_skills_to_show_once(web, member):
    web.post("/welcome/skills/", {"skills": ["python"]})
    member.profile.refresh_from_db()
    assert member.profile.skills == ["python"]
    web.post("/welcome/skills/", {"skills": ["sql"]})
    member.profile.refresh_from_db()
    assert member.profile.skills == ["python"]


def test_any_question_and_all_of_them_can_be_skipped(web, member, page):
    shown = page(web.get("/welcome/"))
    assert {"/", "/welcome/categories/"} <= set(shown.links)
    assert "/" in page(web.get("/welcome/topics/")).links
    member.preferences.refresh_from_db()
    assert member.preferences.categories == []


def test_a_question_changes_only_what_it_asks(client, make_user):
    user = make_user(preferences={"categories": ["fintech"], "tags": ["b2b"]})
    client.force_login(user)
    client.post("/welcome/categories/", {})
    user.preferences.refresh_from_db()
    assert (user.preferences.categories, user.preferences.tags) == ([], ["b2b"])


def test_what_was_picked_orders_what_is_offered_next(client, make_user, make_startup, page):
    user = make_user(role="investor", preferences={"categories": ["games"]})
    client.force_login(user)
    for _ in range(3):
        make_startup(category="fintech", field="payments", tags=["b2b"])
    make_startup(category="games", field="esports", tags=["indie"])
    shown = client.get("/welcome/topics/").content.decode()
    assert shown.index("E-sports") < shown.index("Payments")
    assert shown.index("Indie") < shown.index("B2B")


def test_an_unknown_question_is_no_page(web):
    assert web.get("/welcome/taste/").status_code == 404


def test_it_needs_a_member(client, db):
    assert client.get("/welcome/")["Location"] == "/login/?next=/welcome/"
