from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from recommendations.models import Impression

ADDRESS = "/impressions/"


def seen_on(response):
    return re.findall(r'data-seen="([^"]*)"', response.content.decode())


def test_what_the_page_offers_is_what_is_recorded(web, service, recommend, member, make_startup):
    answer = recommend(member, [make_startup(), make_startup()])
    service.answers(answer)
    entries = seen_on(web.get("/"))
    for _ in range(2):
        assert web.post(ADDRESS, {"seen": entries}).status_code == 204
    names = ("position", "request_id", "engine", "model_version", "rung")
    rows = Impression.objects.order_by("position").values_list(*names)
    assert list(rows) == [(place, answer.request_id, "two_tower", "two_tower_v7", "two_tower") for place in (1, 2)]


def test_similar_startups_count_too(web, service, similar_to, startup, make_startup):
    service.answers(similar_to(startup, [make_startup()]))
    web.post(ADDRESS, {"seen": seen_on(web.get(f"/startups/{startup.pk}/"))})
    assert list(Impression.objects.values_list("surface", "position")) == [("similar", 1)]


def test_nothing_claimed_is_nothing_recorded(web, db):
    assert web.post(ADDRESS).status_code == 204
    assert web.post(ADDRESS, {"seen": [f"{uuid4()}:{uuid4()}"]}).status_code == 204
    assert not Impression.objects.exists()


@pytest.mark.parametrize("seen", [["x"], [f"{uuid4()}"], [f"{uuid4()}:x"], [f"{uuid4()}:{uuid4()}"] * 201])
def test_a_mangled_batch_is_refused(web, db, page, seen):
    page(web.post(ADDRESS, {"seen": seen}), 422)


def test_it_needs_a_member_a_post_and_the_token(client, member):
    assert client.post(ADDRESS).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)
    assert strict.post(ADDRESS).status_code == 403
    assert strict.get(ADDRESS).status_code == 405
