from __future__ import annotations

import pytest

from applications.models import Application, Invitation


@pytest.mark.parametrize(("is_staff", "shown"), [(True, True), (False, False)])
def test_the_console_is_for_staff(client, make_user, is_staff, shown):
    client.force_login(make_user(is_staff=is_staff))
    assert ("Console" in client.get("/activity/").content.decode()) is shown


def test_the_page_one_is_on_is_marked(web, service_down):
    body = web.get("/activity/").content.decode().partition("<main")[0]
    assert body.count('aria-current="page"') == 1
    assert 'href="/activity/" aria-current="page"' in body


def test_strangers_have_no_sections(client, db):
    assert 'class="sections"' not in client.get("/login/").content.decode()


@pytest.mark.parametrize(("role", "shown"), [("student", False), ("investor", False), ("entrepreneur", True)])
def test_founders_sections_are_for_founders(client, make_user, service_down, role, shown):
    client.force_login(make_user(role=role))
    assert ("My startups" in client.get("/activity/").content.decode()) is shown


def test_whoever_owns_a_startup_is_a_founder(web, member, make_startup, service_down):
    make_startup(owner=member)
    assert "My startups" in web.get("/activity/").content.decode()


def test_invitations_that_wait_are_counted(web, member, startup):
    Invitation.objects.create(member=member, startup=startup)
    assert '<span class="count">' in web.get("/activity/").content.decode()


def test_applications_that_nobody_looked_at_are_counted(web, member, make_user, make_startup):
    startup = make_startup(owner=member)
    seen, new = (Application.objects.create(member=make_user(), startup=startup) for _ in range(2))
    assert "waiting: </span>2</span>" in web.get("/activity/").content.decode()
    Application.objects.filter(pk=seen.pk).update(status="seen")
    assert "waiting: </span>1</span>" in web.get("/activity/").content.decode()
    new.delete()
    assert '<span class="count">' not in web.get("/activity/").content.decode()
