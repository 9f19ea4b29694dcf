from __future__ import annotations

import pytest

from config.content_policy import LOOSER
from tests.backend.web.planted import plant_platform
from tests.backend.web.routes import addresses


def policy_of(response):
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {directive: set(sources) for directive, *sources in parts}


def test_every_page_of_ours_allows_nothing_from_elsewhere_and_nothing_inside_it(client, db, service_down):
    platform = plant_platform(lambda length: "words"[:length])
    client.force_login(platform.members["staff"])
    for name, address in addresses(platform.values, platform.objects).items():
        if address.startswith(tuple(LOOSER)):
            continue
        policy = policy_of(client.get(address))
        assert set().union(*policy.values()) <= {"'self'", "'none'"}, name
        assert policy["default-src"] == {"'self'"}
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}


@pytest.mark.parametrize("address", ["/nothing/", "/login/", "/api/v1/nothing/"])
def test_errors_and_strangers_pages_have_it_too(client, db, address):
    assert "unsafe" not in client.get(address)["Content-Security-Policy"]


def test_only_the_admin_may_evaluate_and_style_inside_its_pages(client, make_user):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    admin, docs = policy_of(client.get("/admin/")), policy_of(client.get("/api/docs/"))
    assert admin["script-src"] == {"'self'", "'unsafe-eval'"}
    assert admin["style-src"] == {"'self'", "'unsafe-inline'"}
    assert not any("unsafe" in source for sources in docs.values() for source in sources)


def test_the_rest_of_what_a_browser_is_told(client, member):
    client.force_login(member)
    headers = client.get("/activity/").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
