from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from recommendations.models import Impression


@pytest.fixture
def venture(make_startup, member):
    return make_startup(title="Solar Roofs", owner=member)


def test_numbers_by_day_with_totals_and_rates(api, venture, make_user, make_event):
    now = timezone.now()
    for day, opens in ((0, True), (0, False), (2, True), (40, True)):
        user, answer, at = make_user(), uuid4(), now - timedelta(days=day)
        Impression.objects.create(
            user=user, startup=venture, request_id=answer, position=1, surface="for_you", engine="e", shown_at=at
        )
        if opens:
            make_event(user, venture, "click", recommendation_request_id=answer, occurred_at=at)
    body = api.get(f"/api/v1/me/startups/{venture.pk}/numbers/", {"days": 7}).json()
    assert body["totals"] == {"shown": 3, "opened": 2, "saved": 0, "applied": 0}
    assert [(day["shown"], day["opened"]) for day in body["days"]] == [(0, 0)] * 4 + [(1, 1), (0, 0), (2, 1)]
    assert body["days"][-1]["day"] == now.date().isoformat()
    assert body["rates"]["opened"]["value"] == pytest.approx(2 / 3)
    assert 0 < body["rates"]["opened"]["low"] < 2 / 3 < body["rates"]["opened"]["high"] < 1


def test_a_new_startup_has_zeros_and_no_rates(api, venture):
    body = api.get(f"/api/v1/me/startups/{venture.pk}/numbers/").json()
    assert (body["totals"]["shown"], body["rates"], len(body["days"])) == (0, None, 30)


def test_days_out_of_range_are_refused_and_anothers_are_not_there(api, venture, make_startup, check_problem):
    for days in ("0", "367", "x"):
        check_problem(api.get(f"/api/v1/me/startups/{venture.pk}/numbers/", {"days": days}), 422, "days")
    check_problem(api.get(f"/api/v1/me/startups/{make_startup().pk}/numbers/"), 404)
