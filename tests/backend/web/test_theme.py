from __future__ import annotations

import re

import pytest


@pytest.mark.parametrize("chosen", ["light", "dark"])
def test_a_chosen_theme_holds_on_every_page_also_for_strangers(client, db, chosen):
    answer = client.post("/theme/", {"theme": chosen, "next": "/login/"})
    assert answer["Location"] == "/login/"
    assert f'data-theme="{chosen}"' in client.get("/login/").content.decode()


def test_going_back_to_the_devices_colours_forgets_the_cookie(client, db):
    client.post("/theme/", {"theme": "dark"})
    client.post("/theme/", {"theme": "system"})
    assert "data-theme" not in client.get("/login/").content.decode()


def test_an_unknown_theme_is_refused_and_nothing_kept(client, db):
    answer = client.post("/theme/", {"theme": '"><script>'})
    assert answer.status_code == 422
    assert "theme" not in answer.cookies


def test_a_mangled_cookie_is_no_choice(client, db):
    client.cookies["theme"] = 'dark" onload="alert(1)'
    assert "data-theme" not in client.get("/login/").content.decode()


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil", ""])
def test_changing_it_never_leads_off_the_site(client, db, address):
    assert client.post("/theme/", {"theme": "dark", "next": address})["Location"] == "/"


def test_looking_changes_nothing(client, db):
    assert client.get("/theme/?theme=dark").status_code == 405


def test_from_a_form_that_was_refused_it_leads_to_a_page_that_there_is(web, startup, service_down, page):
    refused = web.post(f"/startups/{startup.pk}/apply/", {"letter": "x" * 5001})
    assert refused.status_code == 422
    following = re.search(r'name="next" value="([^"]*)"', refused.content.decode().partition("</header>")[0])[1]
    page(web.post("/theme/", {"theme": "dark", "next": following}, follow=True))
