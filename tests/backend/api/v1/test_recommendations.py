from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from recommendations.models import Impression, RecommendationSettings

URL = "/api/v1/me/recommendations/"


def test_my_recommendations_come_from_the_service(api, service, recommend, member, startup):
    answer = recommend(member, [startup])
    service.answers(answer)
    body = api.get(URL, {"limit": 5}).json()
    place = body["results"][0]
    assert place["startup"]["title"] == startup.title
    assert (place["rank"], place["score"]) == (1, 1.0)
    assert place["reasons"] == [
        {"kind": "shared_category", "values": ["fintech"], "text": "In fintech, which you chose"}
    ]
    del body["results"], body["page_id"]
    assert body == {
        "request_id": str(answer.request_id),
        "segment": "warm",
        "rung": "two_tower",
        "engine": "two_tower",
        "model_version": "two_tower_v7",
        "degraded": False,
        "degraded_reason": None,
        "next": None,
    }
    assert service.paths == [f"/v1/users/{member.pk}/recommendations?limit=5"]


def test_while_the_service_is_down_they_are_degraded_and_say_so(api, service_down, startup):
    response = api.get(URL)
    body = response.json()
    assert response.status_code == 200
    assert body["degraded"] is True
    assert body["degraded_reason"] == "the recommendation service is unreachable"
    assert [place["startup"]["id"] for place in body["results"]] == [str(startup.pk)]


def test_a_limit_out_of_range_is_refused_before_anyone_is_asked(api, service, check_problem):
    for limit in ("0", "101", "-1", "1.5", "x", ""):
        check_problem(api.get(URL, {"limit": limit}), 422, "limit: Expected a whole number from 1 to 100.")
    assert service.paths == []


@pytest.fixture
def listing(service, recommend, member, make_startup):
    """The service keeps one list of four, two to a page, and notes what it is asked."""
    startups = [make_startup() for _ in range(4)]

    def behave(handler):
        query = parse_qs(urlsplit(handler.path).query)
        start = 2 if query.get("cursor") == ["two"] else 0
        answer = recommend(member, startups[start : start + 2], next_cursor=None if start else "two")
        service.sends(200, answer.model_dump_json().encode())(handler)

    service.behave = behave
    return startups


def ids(body):
    return [place["startup"]["id"] for place in body["results"]]


def test_pages_go_on_where_the_last_one_ended_and_count_on(api, listing, service):
    first = api.get(URL, {"limit": 2}).json()
    second = api.get(URL, {"limit": 2, "cursor": first["next"]}).json()
    assert ids(first) + ids(second) == [str(startup.pk) for startup in listing]
    assert [place["rank"] for place in first["results"] + second["results"]] == [1, 2, 3, 4]
    assert second["next"] is None
    again = api.get(URL, {"limit": 2, "cursor": first["next"]}).json()
    assert (ids(again), again["page_id"]) == (ids(second), second["page_id"])
    assert len(service.paths) == 2


def test_a_cursor_takes_no_filters_and_is_mine_alone(api, listing, make_user, check_problem):
    cursor = api.get(URL, {"limit": 2}).json()["next"]
    check_problem(api.get(URL, {"cursor": cursor, "tag": "climate"}), 422, "its own filters")
    api.force_authenticate(make_user())
    check_problem(api.get(URL, {"cursor": cursor}), 410, "begin anew")
    check_problem(api.get(URL, {"cursor": str(uuid4())}), 410, "begin anew")
    check_problem(api.get(URL, {"cursor": "x"}), 422, "cursor")


def test_a_list_that_the_service_forgot_is_gone(api, listing, service, check_problem):
    cursor = api.get(URL, {"limit": 2}).json()["next"]
    service.behave = service.sends(503, b"")
    check_problem(api.get(URL, {"cursor": cursor}), 410)


def test_filters_reach_the_service(api, listing, service):
    api.get(URL, {"category": "energy", "has_open_positions": "true", "created_after": "2026-01-01T00:00:00Z"})
    asked = parse_qs(urlsplit(service.paths[0]).query)
    assert (asked["category"], asked["has_open_positions"]) == (["energy"], ["true"])
    assert asked["created_after"][0].startswith("2026-01-01T00:00:00")


def test_whoever_turned_personal_lists_off_gets_everybodys(api, member, startup, service):
    RecommendationSettings.objects.create(user=member, is_personalised=False)
    body = api.get(URL, {"limit": 5}).json()
    assert ids(body) == [str(startup.pk)]
    assert service.paths == []


def test_what_was_seen_is_recorded_with_its_place(api, listing, member, make_user):
    page = api.get(URL, {"limit": 2}).json()
    seen = {"page_id": page["page_id"], "startup_ids": [str(listing[1].pk), str(uuid4())]}
    for _ in range(2):
        assert api.post("/api/v1/impressions/", seen).status_code == 204
    impression = Impression.objects.get()
    assert (impression.user, impression.startup, impression.position) == (member, listing[1], 2)
    api.force_authenticate(make_user())
    assert api.post("/api/v1/impressions/", seen).status_code == 204
    assert Impression.objects.count() == 1


@pytest.mark.parametrize("change", [{"page_id": "x"}, {"startup_ids": []}, {"startup_ids": ["x"]}, {"seen": 1}])
def test_a_mangled_report_of_what_was_seen_is_refused(api, check_problem, change):
    body = {"page_id": str(uuid4()), "startup_ids": [str(uuid4())], **change}
    check_problem(api.post("/api/v1/impressions/", body), 422)
