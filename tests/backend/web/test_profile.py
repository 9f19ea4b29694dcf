from __future__ import annotations

import pytest

PROFILE = {
    "name": "Ada",
    "role": "investor",
    "bio": "I count.",
    "skills": ["python", "sql"],
    "more_skills": "Difference Engines, python,, ",
    "city": "London",
    "region": "",
    "state": "",
    "country": "GBR",
    "is_public": "on",
}


def test_the_profile_is_kept(web, member):
    assert web.post("/profile/", PROFILE)["Location"] == "/profile/"
    member.refresh_from_db()
    member.profile.refresh_from_db()
    assert (member.name, member.role) == ("Ada", "investor")
    assert (member.profile.bio, member.profile.city, member.profile.country) == ("I count.", "London", "GBR")
    assert member.profile.skills == ["python", "sql", "difference-engines"]
    assert member.profile.is_public


def test_an_unticked_box_hides_a_member(web, member):
    web.post("/profile/", {name: value for name, value in PROFILE.items() if name != "is_public"})
    member.profile.refresh_from_db()
    assert not member.profile.is_public


def test_a_skill_that_is_offered_nowhere_is_not_lost_by_saving(client, make_user, page):
    user = make_user(profile={"skills": ["falconry"]})
    client.force_login(user)
    shown = client.get("/profile/").content.decode()
    assert 'value="falconry"' in shown
    assert "checked" in shown[shown.index('value="falconry"') :][:80]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"bio": "x" * 5001}, "at most 5000"),
        ({"bio": "a\x00b"}, "Null characters"),
        ({"role": "pirate"}, "not one of the available"),
        ({"skills": ["unheard-of"]}, "not one of the available"),
        ({"more_skills": "x" * 81}, "at most 80"),
        ({"more_skills": ",".join(f"skill {n}" for n in range(60))}, "At most 50"),
        ({"city": "x" * 121}, "at most 120"),
    ],
)
def test_what_is_refused_is_named_and_nothing_changes(web, member, page, changes, named):
    assert named in page(web.post("/profile/", {**PROFILE, **changes}), 422).text
    member.refresh_from_db()
    assert member.name == "Mina Member"
    assert member.profile.skills == []


def test_preferences_are_kept_with_what_was_written_down(web, member, make_startup):
    make_startup(category="fintech", field="payments", tags=["b2b"], stages=["seed"])
    form = {
        "categories": ["fintech"],
        "fields_": ["payments"],
        "tags": ["b2b"],
        "more_tags": "Slow Money",
        "stages": ["seed"],
    }
    assert web.post("/profile/preferences/", form)["Location"] == "/profile/preferences/"
    member.preferences.refresh_from_db()
    wanted = member.preferences
    assert (wanted.categories, wanted.fields, wanted.stages) == (["fintech"], ["payments"], ["seed"])
    assert wanted.tags == ["b2b", "slow-money"]
    assert wanted.skills == []


def test_unticking_all_empties_the_preferences(client, make_user):
    user = make_user(preferences={"categories": ["fintech"], "tags": ["b2b"]})
    client.force_login(user)
    client.post("/profile/preferences/", {})
    user.preferences.refresh_from_db()
    assert user.preferences.categories == user.preferences.tags == []


@pytest.mark.parametrize("address", ["/profile/", "/profile/preferences/", "/welcome/"])
def test_recommendations_are_told_of_a_change(web, member, monkeypatch, address):
    told = []
    for module in ("profile", "onboarding"):
        monkeypatch.setattr(f"web.views.{module}.member_publish", lambda **who: told.append(who))
    web.post(address, PROFILE if address == "/profile/" else {})
    assert told == [{"user_id": member.pk}]
