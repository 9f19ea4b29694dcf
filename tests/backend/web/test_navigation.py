from __future__ import annotations

import pytest


@pytest.mark.parametrize(("is_staff", "shown"), [(True, True), (False, False)])
def test_the_console_is_for_staff(client, make_user, is_staff, shown):
    client.force_login(make_user(is_staff=is_staff))
    assert ("Console" in client.get("/activity/").content.decode()) is shown


def test_the_page_one_is_on_is_marked(web, service_down):
    body = web.get("/activity/").content.decode()
    assert body.count('aria-current="page"') == 1
    assert 'href="/activity/" aria-current="page"' in body


def test_strangers_have_no_sections(client, db):
    assert 'class="sections"' not in client.get("/login/").content.decode()
