from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from recommendations.models import Impression


@pytest.fixture
def founder(make_user):
    return make_user(name="Fina Founder", role="entrepreneur")


@pytest.fixture
def venture(make_startup, founder):
    return make_startup(title="Solar Roofs", owner=founder)


@pytest.fixture
def browser(client, founder):
    client.force_login(founder)
    return client


def show(user, startup, at, **fields):
    values = {"request_id": uuid4(), "position": 1, "surface": "for_you", "engine": "two_tower", **fields}
    return Impression.objects.create(user=user, startup=startup, shown_at=at, **values)


def test_what_was_shown_and_what_came_of_it(browser, venture, make_user, make_event, page):
    now = timezone.now()
    members = [make_user() for _ in range(4)]
    shown = [show(user, venture, now) for user in members]
    for n in range(2):
        make_event(members[n], venture, "click", recommendation_request_id=shown[n].request_id, occurred_at=now)
    make_event(members[0], venture, "click", occurred_at=now)  # again: one member still
    make_event(members[0], venture, "favorite", recommendation_request_id=shown[0].request_id, occurred_at=now)
    taken_back = make_event(members[1], venture, "like", occurred_at=now)
    make_event(members[1], venture, "like", undoes=taken_back, occurred_at=now)
    show(members[0], venture, now - timedelta(days=40))
    answer = page(browser.get(f"/founders/startups/{venture.pk}/numbers/"))
    assert "Shown 4 times on a member's screen Opened 2 members Liked or saved 1 member" in answer.text
    assert "50.0 % 2 of 4; likely between 15.0 % and 85.0 %" in answer.text
    assert "Shown 5 times" in page(browser.get(f"/founders/startups/{venture.pk}/numbers/?days=90")).text
    assert "Shown 4 times" in page(browser.get(f"/founders/startups/{venture.pk}/numbers/?days=x")).text


def test_the_table_says_what_the_plots_draw(browser, venture, make_user, page):
    today = timezone.now().astimezone(UTC)
    show(make_user(), venture, today)
    source = browser.get(f"/founders/startups/{venture.pk}/numbers/?days=7").content.decode()
    assert source.count('<th scope="row">') == 7
    assert f"{today:%-d %b}: 1</title>" in source
    assert "<table" in source


def test_a_new_startup_has_zeros_and_no_rates(browser, venture, page):
    answer = page(browser.get(f"/founders/startups/{venture.pk}/numbers/"))
    assert "Shown 0 times" in answer.text
    assert "What came of showing it" not in answer.text


def test_another_startups_numbers_do_not_count(browser, venture, startup, make_user, make_event, page):
    user = make_user()
    show(user, startup, timezone.now())
    make_event(user, startup, "click", occurred_at=datetime.now(tz=UTC))
    assert (
        "Shown 0 times on a member's screen Opened 0 members"
        in page(browser.get(f"/founders/startups/{venture.pk}/numbers/")).text
    )
