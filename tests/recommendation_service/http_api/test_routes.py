from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from contracts.access import Scope
from contracts.api import (
    BatchLine,
    Health,
    Inspection,
    Models,
    PairScores,
    Problem,
    Readiness,
    Recommendations,
    RecommendedPeople,
    RefreshAccepted,
    Rung,
    ServiceStatus,
    SimilarStartups,
)
from recommendation_service.services.errors import DatabaseUnavailableError, SchemaMismatchError
from recommendation_service.services.page_cursor import PageCursor


def problem_of(response: TestResponse, status: int) -> Problem:
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    problem = Problem.model_validate_json(response.data)
    assert problem.status == status
    assert str(problem.request_id) == response.headers["X-Request-Id"]
    return problem


def test_recommendations_are_the_contract(client: FlaskClient, user_id: str) -> None:
    response = client.get(f"/v1/users/{user_id}/recommendations?limit=7")
    assert (response.status_code, response.content_type) == (200, "application/json")
    answer = Recommendations.model_validate_json(response.data)
    assert str(answer.user_id) == user_id
    assert len(answer.items) == 7
    assert str(answer.request_id) == response.headers["X-Request-Id"]


def test_the_default_limit_is_twenty(client: FlaskClient, user_id: str) -> None:
    answer = Recommendations.model_validate_json(client.get(f"/v1/users/{user_id}/recommendations").data)
    assert len(answer.items) == 20 or answer.exhausted


def test_upper_case_ids_are_the_same_person(client: FlaskClient, user_id: str) -> None:
    assert client.get(f"/v1/users/{user_id.upper()}/recommendations").status_code == 200


def test_similar_startups_are_the_contract(client: FlaskClient, startup_id: str) -> None:
    answer = SimilarStartups.model_validate_json(client.get(f"/v1/startups/{startup_id}/similar?limit=3").data)
    assert (str(answer.startup_id), len(answer.items)) == (startup_id, 3)


def test_each_request_has_an_id_of_its_own_whatever_the_caller_says(client: FlaskClient) -> None:
    said = str(uuid4())
    told = {client.get("/healthz", headers={"X-Request-Id": said}).headers["X-Request-Id"] for _ in range(3)}
    assert len(told) == 3
    assert said not in told
    assert all(UUID(identity).version == 4 for identity in told)


@pytest.mark.parametrize("path", ["/v1/users/{}/recommendations", "/v1/startups/{}/similar"])
def test_whom_nobody_knows_is_404(client: FlaskClient, path: str) -> None:
    identity = uuid4()
    assert str(identity) in problem_of(client.get(path.format(identity)), 404).detail


@pytest.mark.parametrize("path", ["/v1/users/{}/recommendations", "/v1/startups/{}/similar"])
@pytest.mark.parametrize("identity", ["abc", "1", "%00", "%ff%fe", "null", "a" * 5000])
def test_what_is_no_uuid_is_422(client: FlaskClient, path: str, identity: str) -> None:
    assert "must be a UUID" in problem_of(client.get(path.format(identity)), 422).detail


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1e9", "NaN", "null", "", "10&limit=10"])
def test_a_bad_limit_is_422_and_names_what_is_allowed(client: FlaskClient, user_id: str, limit: str) -> None:
    detail = problem_of(client.get(f"/v1/users/{user_id}/recommendations?limit={limit}"), 422).detail
    assert "1 to 100" in detail or "once" in detail


@pytest.mark.parametrize("path", ["/v1/users/{}/recommendations?page=2", "/v1/models?x", "/v1/models?limit=3"])
def test_unknown_parameters_are_422(client: FlaskClient, user_id: str, path: str) -> None:
    assert "unknown query parameter" in problem_of(client.get(path.format(user_id)), 422).detail


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/users", "/v2/models", "/v1/users/a/b/recommendations", "/static/x"])
def test_unknown_paths_are_404(client: FlaskClient, path: str) -> None:
    problem_of(client.get(path), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_other_methods_are_405_and_told_which(client: FlaskClient, user_id: str, method: str) -> None:
    response = getattr(client, method)(f"/v1/users/{user_id}/recommendations", json={"a": 1})
    problem_of(response, 405)
    assert "GET" in response.headers["Allow"]


def test_what_nobody_foresaw_is_500_without_its_message(client: FlaskClient, fake_database: Any, user_id: str) -> None:
    client.get(f"/v1/users/{user_id}/recommendations")
    fake_database.broken = AssertionError("a secret detail")
    problem = problem_of(client.get(f"/v1/users/{user_id}/recommendations"), 500)
    assert "secret" not in problem.detail


def test_a_database_lost_on_the_way_still_answers(client: FlaskClient, fake_database: Any, user_id: str) -> None:
    client.get(f"/v1/users/{user_id}/recommendations")
    fake_database.broken = DatabaseUnavailableError("gone")
    response = client.get(f"/v1/users/{user_id}/recommendations")
    assert Recommendations.model_validate_json(response.data).degraded


def test_no_catalogue_yet_is_503_with_a_time_to_come_back(
    client: FlaskClient, fake_database: Any, user_id: str
) -> None:
    fake_database.broken = SchemaMismatchError(["table startups_startup is missing"])
    response = client.get(f"/v1/users/{user_id}/recommendations")
    assert "table startups_startup is missing" in problem_of(response, 503).detail
    assert response.headers["Retry-After"] == "2"


def test_health_is_alive_whatever_happens(client: FlaskClient, fake_database: Any) -> None:
    fake_database.broken = DatabaseUnavailableError("gone")
    assert Health.model_validate_json(client.get("/healthz").data).status == "alive"


def test_readiness_turns_from_503_to_200(client: FlaskClient, service: Any, fake_database: Any) -> None:
    fake_database.broken = SchemaMismatchError(["table startups_startup is missing"])
    service.keeper.refresh()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "table startups_startup is missing" in Readiness.model_validate_json(response.data).problems[0]
    fake_database.broken = None
    service.keeper.refresh()
    response = client.get("/readyz")
    assert (response.status_code, Readiness.model_validate_json(response.data).problems) == (200, [])


def test_models_are_the_contract(client: FlaskClient) -> None:
    assert Models.model_validate_json(client.get("/v1/models").data).versions == []


def test_pages_follow_one_another_over_http(client: FlaskClient, user_id: str) -> None:
    path = f"/v1/users/{user_id}/recommendations"
    first = Recommendations.model_validate_json(client.get(f"{path}?limit=4").data)
    second = Recommendations.model_validate_json(client.get(f"{path}?limit=4&cursor={first.next_cursor}").data)
    whole = Recommendations.model_validate_json(client.get(f"{path}?limit=8&explain=false").data)
    assert [item.startup_id for item in (*first.items, *second.items)] == [item.startup_id for item in whole.items]
    assert first.request_id == second.request_id
    assert not any(item.reasons for item in whole.items)


def test_a_list_that_is_not_kept_is_410_and_says_to_begin_anew(client: FlaskClient, user_id: str) -> None:
    cursor = PageCursor(list_id=uuid4(), kept_as=uuid4(), offset=1, shown=1).encode()
    path = f"/v1/users/{user_id}/recommendations?cursor={cursor}"
    assert "without a cursor" in problem_of(client.get(path), 410).detail


def test_a_member_asks_for_themselves_alone(client: FlaskClient, fake_database: Any, token: Any) -> None:
    me, other, *_ = fake_database.users
    mine = {"Authorization": token(Scope.MEMBER, me)}
    assert client.get(f"/v1/users/{me}/recommendations", headers=mine).status_code == 200
    refused = problem_of(client.get(f"/v1/users/{other}/recommendations", headers=mine), 404)
    unknown = problem_of(client.get(f"/v1/users/{UUID(int=7)}/recommendations", headers=mine), 404)
    assert refused.detail.replace(other, "X") == unknown.detail.replace(str(UUID(int=7)), "X")
    pairs = {"pairs": [{"user_id": other, "startup_id": fake_database.startups[0].id}]}
    problem_of(client.post("/v1/scores", json=pairs, headers=mine), 404)


def test_people_are_named_to_the_owner_the_platform_and_operators(
    client: FlaskClient, fake_database: Any, token: Any
) -> None:
    owner, other, *_ = fake_database.users
    startup = replace(fake_database.startups[0], owner_id=owner)
    fake_database.change([startup, *fake_database.startups[1:]])
    path = f"/v1/startups/{startup.id}/people?limit=5"
    for who in (token(Scope.MEMBER, owner), token(Scope.PLATFORM), token(Scope.OPERATOR)):
        answer = RecommendedPeople.model_validate_json(client.get(path, headers={"Authorization": who}).data)
        assert len(answer.items) == 5
        assert owner not in {str(item.user_id) for item in answer.items}
    problem_of(client.get(path, headers={"Authorization": token(Scope.MEMBER, other)}), 404)


def test_people_can_be_narrowed(client: FlaskClient, fake_database: Any, startup_id: str) -> None:
    path = f"/v1/startups/{startup_id}/people?limit=100&role=investor"
    found = [str(item.user_id) for item in RecommendedPeople.model_validate_json(client.get(path).data).items]
    assert {fake_database.users[one].role for one in found} == {"investor"}
    fewer = RecommendedPeople.model_validate_json(client.get(f"{path}&exclude={found[0]}").data)
    assert [str(item.user_id) for item in fewer.items] == found[1:]


def test_people_can_be_asked_for_without_more_than_an_address_holds(client: FlaskClient, startup_id: str) -> None:
    path = f"/v1/startups/{startup_id}/people"
    everybody = RecommendedPeople.model_validate_json(client.get(f"{path}?limit=100").data)
    *others, last = [str(item.user_id) for item in everybody.items]
    without = [*others, *(str(uuid4()) for _ in range(10_000 - len(others)))]
    told = RecommendedPeople.model_validate_json(client.post(path, json={"limit": 5, "exclude": without}).data)
    assert str(told.items[0].user_id) == last
    assert told.items[0].reasons == everybody.items[-1].reasons
    assert not {str(item.user_id) for item in told.items} & set(others)
    problem_of(client.post(path, json={"exclude": [*without, last]}), 422)
    assert client.post(path, json={"limit": 5.0}).status_code == 200, "the same number"
    for limit in (0, 101, 5.5, "5", True):
        problem_of(client.post(path, json={"limit": limit}), 422)
    problem_of(client.post(f"/v1/startups/{uuid4()}/people", json={}), 404)


def test_scores_are_those_that_rank(client: FlaskClient, user_id: str) -> None:
    ranked = Recommendations.model_validate_json(client.get(f"/v1/users/{user_id}/recommendations?limit=9").data)
    asked = [{"user_id": user_id, "startup_id": str(item.startup_id)} for item in reversed(ranked.items)]
    nobody = {"user_id": str(uuid4()), "startup_id": asked[0]["startup_id"]}
    nothing = {"user_id": user_id, "startup_id": str(uuid4())}
    response = client.post("/v1/scores", json={"pairs": [*asked, nobody, nothing]})
    scores = PairScores.model_validate_json(response.data).scores
    assert [one.score for one in scores[:9]] == pytest.approx([item.score for item in reversed(ranked.items)])
    assert {one.engine for one in scores[:9]} == {ranked.engine}
    assert [(one.score, one.engine) for one in scores[9:]] == [(None, None), (None, None)]
    assert "there is no user" in str(scores[9].problem)
    assert "there is no open startup" in str(scores[10].problem)


def test_a_batch_is_what_each_would_be_answered_alone(client: FlaskClient, fake_database: Any) -> None:
    nobody, asked = str(uuid4()), list(fake_database.users)
    body = {"user_ids": [*asked, nobody], "limit": 6, "filters": {"type": "marketplace"}, "explain": True}
    response = client.post("/v1/batch/recommendations", json=body)
    assert response.content_type == "application/x-ndjson"
    lines = [BatchLine.model_validate_json(line) for line in response.data.splitlines()]
    assert [str(line.user_id) for line in lines] == [*asked, nobody]
    assert "there is no user" in str(lines[-1].problem)
    for line in lines[:-1]:
        path = f"/v1/users/{line.user_id}/recommendations?limit=6&type=marketplace"
        alone = Recommendations.model_validate_json(client.get(path).data)
        assert line.recommendations is not None
        told, expected = (one.model_dump(exclude=UNLIKE) for one in (line.recommendations, alone))
        told_scores, expected_scores = scores_taken_out(told), scores_taken_out(expected)
        assert told == expected
        assert told_scores == pytest.approx(expected_scores, rel=1e-5)


UNLIKE = {"request_id", "generated_at", "next_cursor"}


def scores_taken_out(answer: dict[str, Any]) -> list[float]:
    """One matrix product for many people rounds otherwise than one for each."""
    return [item.pop("score") for item in answer["items"]]


@pytest.mark.parametrize("count", [2, 50])
def test_a_batch_without_a_database_is_for_people_as_last_known_and_strangers(
    client: FlaskClient, fake_database: Any, user_id: str, count: int
) -> None:
    known = Recommendations.model_validate_json(client.get(f"/v1/users/{user_id}/recommendations").data)
    fake_database.broken = DatabaseUnavailableError("gone")
    asked = list(fake_database.users)[:count]
    response = client.post("/v1/batch/recommendations", json={"user_ids": asked})
    lists = [BatchLine.model_validate_json(line).recommendations for line in response.data.splitlines()]
    assert [str(one and one.user_id) for one in lists] == asked
    assert all(one is not None and one.degraded for one in lists)
    assert [one and one.rung for one in lists] == [known.rung, *[Rung.TRENDING] * (count - 1)]
    assert lists[0] is not None
    assert [item.startup_id for item in lists[0].items] == [item.startup_id for item in known.items]


def test_a_batch_without_a_catalogue_is_503_before_its_first_line(client: FlaskClient, fake_database: Any) -> None:
    fake_database.broken = SchemaMismatchError(["table startups_startup is missing"])
    problem_of(client.post("/v1/batch/recommendations", json={"user_ids": [str(uuid4())]}), 503)


def test_a_hint_is_taken(client: FlaskClient, startup_id: str) -> None:
    for arguments in ({}, {"json": {}}, {"json": {"startup_ids": [startup_id]}}):
        response = client.post("/v1/refresh", **arguments)
        assert response.status_code == 202
        assert RefreshAccepted.model_validate_json(response.data).accepted


def test_an_inspection_tells_what_is_behind_a_list(client: FlaskClient, fake_database: Any, user_id: str) -> None:
    fake_database.change(
        [replace(one, owner_id=user_id) if n == 3 else one for n, one in enumerate(fake_database.startups)]
    )
    answer = Recommendations.model_validate_json(client.get(f"/v1/users/{user_id}/recommendations?limit=5").data)
    told = Inspection.model_validate_json(client.get(f"/v1/users/{user_id}/inspection?limit=5").data)
    by_rung = {rung.rung: rung for rung in told.rungs}
    assert list(by_rung) == list(Rung)
    assert [item.model_dump() for item in by_rung[answer.rung].items] == [item.model_dump() for item in answer.items]
    assert "no active model" in str(by_rung[Rung.TWO_TOWER].problem)
    state = fake_database.user_state(user_id, datetime.now(UTC))
    assert [str(entry.startup_id) for entry in told.history] == [item.startup_id for item in reversed(state.history)]
    withheld = {rule.rule: {str(one) for one in rule.startup_ids} for rule in told.withheld}
    assert withheld.pop("own") == {fake_database.startups[3].id}
    assert set().union(*withheld.values()) == {item.startup_id for item in state.history}


def test_status_counts_what_was_answered(client: FlaskClient, user_id: str) -> None:
    client.get(f"/v1/users/{user_id}/recommendations")
    client.get(f"/v1/users/{uuid4()}/recommendations")
    status = ServiceStatus.model_validate_json(client.get("/v1/status").data)
    assert (status.answers, sum(status.answers_by_rung.values())) == (1, 1)
    assert status.responses_by_status == {"2xx": 1, "4xx": 1}
    assert {"recommendations", "user_read", "rank", "explain"} <= {latency.name for latency in status.latencies}


@pytest.mark.parametrize(
    "version", ["x", "two_tower_v0", "two_tower_v01", "..", "two_tower_v1.pth", "two_tower_v1%2F.."]
)
def test_what_is_no_version_is_refused(client: FlaskClient, version: str) -> None:
    assert client.post(f"/v1/models/{version}/validate").status_code in {404, 422}


def test_models_that_are_not_there_are_404_and_switched_off_ones_409(client: FlaskClient) -> None:
    action = {"reason": "try"}
    problem_of(client.get("/v1/models/active"), 404)
    problem_of(client.post("/v1/models/two_tower_v9/validate"), 404)
    problem_of(client.post("/v1/models/two_tower_v9/activate", json=action), 404)
    problem_of(client.post("/v1/models/rollback", json=action), 409)


def test_going_back_is_not_forced(client: FlaskClient) -> None:
    problem_of(client.post("/v1/models/rollback", json={"reason": "try", "force": True}), 422)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 415),
        (b"{", 400),
        (b"[" * 200_000, 400),
        (b'{"pairs":' + b"[" * 190_000, 400),
        (b'{"pairs":[]}', 422),
        (b'{"pairs":null}', 422),
        (b'{"pairs":[{"user_id":"\\ud800","startup_id":"\\u0000"}]}', 422),
        (b'{"pairs":[],"pairs":[]}', 400),
        (b'{"other":1}', 422),
        (b'"' + b"a" * 10_000_000 + b'"', 413),
        (b"\xff\xfe", 400),
        (b"NaN", 400),
    ],
    ids=[
        "empty",
        "cut",
        "deep",
        "deep inside",
        "none",
        "null",
        "surrogate",
        "twice",
        "unknown",
        "10 MB",
        "bytes",
        "NaN",
    ],
)
def test_bad_bodies_are_refused(client: FlaskClient, body: bytes, status: int) -> None:
    kind = {"content_type": "application/json"} if body else {}
    problem_of(client.post("/v1/scores", data=body, **kind), status)


@pytest.mark.parametrize("term", ["", " \t", "a" * 81, 5, ["a"]], ids=["empty", "blank", "long", "number", "list"])
def test_a_batch_takes_no_other_terms_than_a_list(client: FlaskClient, user_id: str, term: Any) -> None:
    body = {"user_ids": [user_id], "filters": {"tag": term}}
    assert "filters.tag" in problem_of(client.post("/v1/batch/recommendations", json=body), 422).detail
    if isinstance(term, str):
        path = f"/v1/users/{user_id}/recommendations"
        assert "tag" in problem_of(client.get(path, query_string={"tag": term}), 422).detail


@pytest.mark.parametrize("limit", [0, -1, 10**9, "10", None, 1.5, True], ids=str)
def test_a_batch_takes_no_other_limit(client: FlaskClient, limit: Any) -> None:
    body = {"user_ids": [str(uuid4())], "limit": limit}
    assert "limit" in problem_of(client.post("/v1/batch/recommendations", json=body), 422).detail
