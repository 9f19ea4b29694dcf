from __future__ import annotations

from uuid import uuid4

import pytest

from startups.models import Position, Startup

URL = "/api/v1/me/startups/"
NEW = {
    "title": "Wind Walls",
    "type": "collaboration",
    "category": "Energy",
    "tags": ["Smart grid", "smart-grid"],
    "stages": ["seed"],
    "founded_on": "2024-05-01",
    "positions": [{"title": "Cook", "requirements": "knives"}],
}


@pytest.fixture
def venture(make_startup, member):
    return make_startup(title="Solar Roofs", owner=member, positions=["Roofer"])


def test_creating_a_startup_once(api, member):
    body = {**NEW, "id": str(uuid4())}
    for _ in range(2):
        response = api.post(URL, body)
        assert response.status_code == 201, response.content
    startup = Startup.objects.get()
    assert (str(startup.pk), startup.owner, startup.category, startup.tags) == (
        body["id"],
        member,
        "energy",
        ["smart-grid"],
    )
    answer = response.json()
    assert (answer["status"], answer["positions"][0]["title"]) == ("active", "Cook")


def test_an_id_of_anothers_is_refused(api, make_startup, check_problem):
    check_problem(api.post(URL, {**NEW, "id": str(make_startup().pk)}), 422, "id")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"title": ""}, "title"),
        ({"type": "shop"}, "'shop' is not one of: marketplace, collaboration."),
        ({"tags": [f"tag {n}" for n in range(9)]}, "tags"),
        ({"positions": [{"title": ""}]}, "positions.0.title"),
        ({"positions": [{"title": "Cook"}] * 31}, "positions"),
        ({"owner": str(uuid4())}, "'owner' is unknown"),
        ({"status": "sold"}, "'status' is unknown"),
        ({"founded_on": "yesterday"}, "founded_on"),
    ],
)
def test_a_refused_value_is_named_and_nothing_is_written(api, check_problem, change, part):
    check_problem(api.post(URL, {**NEW, **change}), 422, part)
    assert not Startup.objects.exists()


def test_my_startups_are_listed_whatever_their_status(api, member, make_startup):
    make_startup()
    made = [make_startup(owner=member, status=status) for status in ("active", "hidden", "sold")]
    found, cursor = [], None
    while True:
        page = api.get(URL, {"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        found += [startup["id"] for startup in page["results"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(found) == sorted(str(startup.pk) for startup in made)


def test_changing_what_is_said(api, venture):
    answer = api.patch(f"{URL}{venture.pk}/", {"title": "Renamed"}).json()
    assert (answer["title"], answer["category"]) == ("Renamed", "fintech")
    assert api.get(f"{URL}{venture.pk}/").json() == answer


def test_hiding_and_showing(api, venture):
    answer = api.post(f"{URL}{venture.pk}/status/", {"status": "hidden"}).json()
    assert answer["status"] == "hidden"
    assert answer["closed_at"] is not None
    assert api.get(f"/api/v1/startups/{venture.pk}/").status_code == 404
    assert api.post(f"{URL}{venture.pk}/status/", {"status": "active"}).json()["closed_at"] is None


def test_positions(api, venture):
    made = api.post(f"{URL}{venture.pk}/positions/", {"title": "Cook"})
    assert made.status_code == 201
    address = f"{URL}{venture.pk}/positions/{made.json()['id']}/"
    assert api.patch(address, {"is_active": False}).json() == {
        "id": made.json()["id"],
        "title": "Cook",
        "requirements": "",
        "is_active": False,
    }
    shown = api.get(f"/api/v1/startups/{venture.pk}/").json()["positions"]
    assert [position["title"] for position in shown] == ["Roofer"]


def test_anothers_startup_is_not_there(api, make_user, make_startup, check_problem):
    theirs = make_startup(owner=make_user(), positions=["Cook"])
    position = theirs.positions.get()
    for method, part, body in [
        ("get", "", None),
        ("patch", "", {"title": "Mine"}),
        ("post", "status/", {"status": "closed"}),
        ("post", "positions/", {"title": "Spy"}),
        ("patch", f"positions/{position.pk}/", {"is_active": False}),
        ("get", "people/", None),
        ("get", "applications/", None),
        ("get", "invitations/", None),
        ("post", "invitations/", {"member_id": str(uuid4())}),
    ]:
        check_problem(getattr(api, method)(f"{URL}{theirs.pk}/{part}", body), 404, "no startup")
    theirs.refresh_from_db()
    assert (theirs.title, theirs.status) != ("Mine", "closed")
    assert Position.objects.get().is_active


def test_every_change_is_published(api, venture, monkeypatch):
    published = []
    monkeypatch.setattr("api.v1.own_startups.startup_publish", lambda startup_id: published.append(startup_id))
    position = venture.positions.get()
    api.patch(f"{URL}{venture.pk}/", {"title": "Renamed"})
    api.post(f"{URL}{venture.pk}/status/", {"status": "hidden"})
    api.post(f"{URL}{venture.pk}/positions/", {"title": "Cook"})
    api.patch(f"{URL}{venture.pk}/positions/{position.pk}/", {"title": "Chef"})
    assert published == [venture.pk] * 4
