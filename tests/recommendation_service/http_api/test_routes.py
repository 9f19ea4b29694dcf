from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from contracts.api import Health, Models, Problem, Readiness, Recommendations, SimilarStartups
from recommendation_service.services.errors import DatabaseUnavailableError, SchemaMismatchError


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
