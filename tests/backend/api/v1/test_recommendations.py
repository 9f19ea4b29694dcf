from __future__ import annotations

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
    del body["results"]
    assert body == {
        "request_id": str(answer.request_id),
        "segment": "warm",
        "rung": "two_tower",
        "engine": "two_tower",
        "model_version": "two_tower_v7",
        "degraded": False,
        "degraded_reason": None,
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
