"""Only engineers see that there is a console."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.urls import get_resolver, reverse

from console.urls import urlpatterns

SOMEBODY = UUID(int=7)

VALUES = {
    "version": "two_tower_v1",
    "name": "curves",
    "job_id": SOMEBODY,
    "part": "pairs",
    "user_id": SOMEBODY,
    "startup_id": SOMEBODY,
}


def address(pattern):
    names = pattern.pattern.converters
    return reverse(f"console:{pattern.name}", kwargs={name: VALUES[name] for name in names})


PAGES = [address(pattern) for pattern in urlpatterns]


def test_every_page_of_the_console_is_here():
    assert len(PAGES) == len(set(PAGES)) == len(urlpatterns)
    assert all(get_resolver().resolve(page).app_names == ["console"] for page in PAGES)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_log_in_and_a_member_finds_nothing(client, member, page, method):
    stranger = getattr(client, method)(page)
    assert stranger.status_code in {302, 405}
    client.force_login(member)
    assert getattr(client, method)(page).status_code in {404, 405}
    assert 404 in {client.get(page).status_code, client.post(page).status_code}


def test_a_stranger_who_asks_for_a_part_is_sent_to_log_in_as_a_whole(client):
    response = client.get(reverse("console:overview"), headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == reverse("web:login")
