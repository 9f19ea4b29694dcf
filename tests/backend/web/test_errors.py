from __future__ import annotations

import json

from web.errors import server_error


def test_an_unknown_page_leads_back(web, page):
    answer = page(web.get("/nothing/"), 404)
    assert "Back to your feed" in answer.text


def test_a_crash_is_a_page_a_sentence_or_a_problem_by_who_asks(web, monkeypatch, page):
    def crash(**_):
        raise RuntimeError("secret")

    monkeypatch.setattr("web.views.activity.invitation_open_count", crash)
    web.raise_request_exception = False
    whole, part = web.get("/activity/"), web.get("/activity/", headers={"HX-Request": "true"})
    assert "main" in page(whole, 500).tags
    assert "main" not in page(part, 500).tags
    assert b"secret" not in whole.content + part.content


def test_the_page_of_a_crash_asks_no_database(rf, django_assert_num_queries, db, client):
    request = rf.get("/")
    with django_assert_num_queries(0):
        answer = server_error(request)
    assert b"Something went wrong on our side" in answer.content


def test_an_unknown_address_of_the_api_is_a_problem(web):
    response = web.get("/api/nothing/")
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content)["status"] == 404


def test_a_foreign_host_is_refused(client, db):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
