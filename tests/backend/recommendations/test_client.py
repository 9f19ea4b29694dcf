"""The client against servers that answer, hang, trickle, break off and lie."""

from __future__ import annotations

import gzip
from uuid import uuid4

import pytest

from recommendations.client import RecommendationClient
from recommendations.errors import (
    InvalidAnswerError,
    ServiceFailedError,
    ServiceTimeoutError,
    ServiceUnreachableError,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(service):
    return RecommendationClient(base_url=service.url, timeout_seconds=0.5, retry_seconds=5)


def test_asks_by_id_and_limit_and_parses_the_contract(client, service, recommend, member, startup):
    expected = recommend(member, [startup])
    service.answers(expected)
    assert client.recommendations(user_id=member.pk, limit=7) == expected
    assert service.paths == [f"/v1/users/{member.pk}/recommendations?limit=7"]


def test_asks_for_similar_startups(client, service, similar_to, member, startup, make_startup):
    expected = similar_to(startup, [make_startup()])
    service.answers(expected)
    assert client.similar(startup_id=startup.pk, user_id=member.pk, limit=3) == expected
    assert service.paths == [f"/v1/startups/{startup.pk}/similar?limit=3"]


@pytest.mark.parametrize("status", [301, 400, 404, 422, 500, 503])
def test_a_status_that_is_not_success_is_a_failure(client, service, status):
    service.behave = service.sends(status, b"{}", Location="/elsewhere")
    with pytest.raises(ServiceFailedError, match=f"answered {status}"):
        client.recommendations(user_id=uuid4(), limit=5)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b"null", b'{"items": ', b"\xff\xfe\x00"])
def test_a_body_that_breaks_the_contract_is_invalid(client, service, body):
    service.behave = service.sends(200, body)
    with pytest.raises(InvalidAnswerError, match="broke the contract of Recommendations"):
        client.recommendations(user_id=uuid4(), limit=5)


def test_a_field_the_contract_does_not_know_is_invalid(client, service, recommend, member):
    body = recommend(member, []).model_dump_json().replace('"engine"', '"motor":"x","engine"')
    service.behave = service.sends(200, body.encode())
    with pytest.raises(InvalidAnswerError):
        client.recommendations(user_id=member.pk, limit=5)


def test_an_answer_about_someone_else_is_invalid(client, service, recommend, member, make_user):
    service.answers(recommend(make_user(), []))
    with pytest.raises(InvalidAnswerError, match=f"asked about person {member.pk}"):
        client.recommendations(user_id=member.pk, limit=5)


def test_an_answer_about_another_startup_is_invalid(client, service, similar_to, member, startup, make_startup):
    service.answers(similar_to(make_startup(), []))
    with pytest.raises(InvalidAnswerError, match=f"asked about startup {startup.pk}"):
        client.similar(startup_id=startup.pk, user_id=member.pk, limit=5)


def test_a_body_that_is_not_what_its_encoding_says_is_invalid(client, service):
    service.behave = service.sends(200, b"not gzip", Content_Encoding="gzip")
    with pytest.raises(InvalidAnswerError, match="undecodable"):
        client.recommendations(user_id=uuid4(), limit=5)


def test_a_small_body_that_unpacks_to_a_huge_one_is_refused(client, service):
    service.behave = service.sends(200, gzip.compress(b" " * (8 << 20)), Content_Encoding="gzip")
    with pytest.raises(InvalidAnswerError, match="more than 4194304 bytes"):
        client.recommendations(user_id=uuid4(), limit=5)


def test_a_service_that_hangs_is_given_up(client, service):
    service.behave = service.hangs
    with pytest.raises(ServiceTimeoutError, match=r"within 0\.5 s"):
        client.recommendations(user_id=uuid4(), limit=5)


def test_a_service_that_trickles_is_given_up_although_it_always_sends_something(client, service):
    def trickle(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not service.closing.wait(0.1):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    service.behave = trickle
    with pytest.raises(ServiceTimeoutError):
        client.recommendations(user_id=uuid4(), limit=5)


def test_a_service_that_hangs_up_is_unreachable(client, service):
    service.behave = lambda handler: handler.connection.close()
    with pytest.raises(ServiceUnreachableError):
        client.recommendations(user_id=uuid4(), limit=5)


def test_a_body_that_breaks_off_is_unreachable(client, service):
    def break_off(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"items": [')

    service.behave = break_off
    with pytest.raises(ServiceUnreachableError):
        client.recommendations(user_id=uuid4(), limit=5)


def test_nobody_listening_is_unreachable(service_down, settings):
    client = RecommendationClient(base_url=settings.RECOMMENDATION_SERVICE_URL, timeout_seconds=0.5, retry_seconds=5)
    with pytest.raises(ServiceUnreachableError, match="no answer from"):
        client.recommendations(user_id=uuid4(), limit=5)


def test_recovers_as_soon_as_the_service_does(client, service, recommend, member):
    service.behave = service.sends(500, b"")
    with pytest.raises(ServiceFailedError):
        client.recommendations(user_id=member.pk, limit=5)
    service.answers(recommend(member, []))
    assert client.recommendations(user_id=member.pk, limit=5).items == []
