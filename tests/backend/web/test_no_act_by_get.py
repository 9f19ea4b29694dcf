"""Looking changes nothing, and no act is done for a member by another site."""

from __future__ import annotations

import hashlib

import pytest
from django.apps import apps
from django.test import Client

from tests.backend.web.planted import CRAWLED, OURS, plant_platform
from tests.backend.web.routes import addresses
from tests.backend.web.stand_in_answers import behaviour

BOOKKEEPING = {"accounts.MemberSession", "recommendations.FeedPage"}
"""What the platform writes of its own accord: a session begins by itself, and what was shown is kept."""


def contents():
    """A digest of every table, by name."""
    digests = {}
    for app in (*OURS, "authtoken", "auth"):
        for model in apps.get_app_config(app).get_models():
            if model._meta.label not in BOOKKEEPING:
                rows = sorted(str(row) for row in model._base_manager.values_list())
                digests[model._meta.label] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return digests


@pytest.fixture
def platform(service, db):
    planted = plant_platform(lambda length: "words"[:length])
    startups = [record.pk for record in planted.records if record._meta.label == "startups.Startup"]
    service.behave = behaviour(startups, [user.pk for user in planted.members.values()], "words")
    return planted


@pytest.mark.parametrize("role", CRAWLED)
def test_looking_at_every_page_changes_nothing(client, platform, role):
    if role in platform.members:
        client.force_login(platform.members[role])
    before = contents()
    for name, address in addresses(platform.values, platform.objects).items():
        response = client.get(f"{address}?type=like&undo=like&status=accepted&theme=dark&q=1")
        assert response.status_code < 500, f"{name} answers {response.status_code}"
    after = contents()
    assert {name for name in before if before[name] != after[name]} == set()


@pytest.mark.parametrize("role", CRAWLED)
def test_no_act_is_done_without_the_pages_own_token(platform, role):
    """Another site can make a member's browser send any form, with the member's session, but not with the token."""
    client = Client(enforce_csrf_checks=True)
    if role in platform.members:
        client.force_login(platform.members[role])
    before = contents()
    for name, address in addresses(platform.values, platform.objects).items():
        for method in ("post", "put", "patch", "delete") if address.startswith("/api/") else ("post",):
            response = getattr(client, method)(address, {"type": "like", "key": "k"} if method == "post" else None)
            assert 300 <= response.status_code < 500, f"{method} {name} answers {response.status_code}"
    after = contents()
    assert {name for name in before if before[name] != after[name]} == set()
