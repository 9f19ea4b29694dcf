from __future__ import annotations

import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from recommendations.discovery import DiscoverQuery, discover_first_page
from recommendations.impressions import impressions_record
from recommendations.models import FeedPage, Impression, Surface
from recommendations.personalisation import personalisation_change


@pytest.fixture
def page(member, make_startup):
    """A page that was put before `member`, with two startups."""
    for _ in range(2):
        make_startup()
    return discover_first_page(user=member, query=DiscoverQuery(tab=Surface.NEWEST))


def ids(page):
    return [uuid.UUID(item["startup"]) for item in page.items]


def test_what_was_seen_is_known_from_the_page(member, page):
    assert impressions_record(user=member, page_id=page.pk, startup_ids=ids(page)[1:]) == 1
    seen = Impression.objects.get()
    assert (seen.user, seen.startup_id, seen.position) == (member, ids(page)[1], 2)
    assert (seen.request_id, seen.surface, seen.engine, seen.rung) == (
        page.request_id, "newest", "platform_newest", "newest"
    )  # fmt: skip


def test_again_is_once(member, page):
    for _ in range(3):
        impressions_record(user=member, page_id=page.pk, startup_ids=ids(page))
    assert Impression.objects.count() == 2


def test_nobody_claims_what_was_not_put_before_them(member, make_user, make_startup, page):
    other = make_startup()
    assert impressions_record(user=member, page_id=page.pk, startup_ids=[other.pk, uuid.uuid4()]) == 0
    assert impressions_record(user=make_user(), page_id=page.pk, startup_ids=ids(page)) == 0
    assert impressions_record(user=member, page_id=uuid.uuid4(), startup_ids=ids(page)) == 0
    assert not Impression.objects.exists()


def test_a_startup_deleted_meanwhile_is_left_out(member, make_startup, page):
    gone, kept = ids(page)
    make_startup().__class__.objects.get(pk=gone).delete()
    assert impressions_record(user=member, page_id=page.pk, startup_ids=[gone, kept]) == 1


def test_nothing_is_recorded_of_who_turned_personal_lists_off(member, page):
    personalisation_change(user=member, is_personalised=False)
    assert impressions_record(user=member, page_id=page.pk, startup_ids=ids(page)) == 0


def test_they_go_with_the_member(member, page):
    impressions_record(user=member, page_id=page.pk, startup_ids=ids(page))
    member.delete()
    assert not Impression.objects.exists()
    assert not FeedPage.objects.exists()


def test_old_ones_are_forgotten(member, page):
    impressions_record(user=member, page_id=page.pk, startup_ids=ids(page))
    old = Impression.objects.first()
    Impression.objects.filter(pk=old.pk).update(shown_at=timezone.now() - timedelta(days=31))
    FeedPage.objects.update(created_at=timezone.now() - timedelta(days=1))
    out = StringIO()
    call_command("delete_old_impressions", days=30, page_days=2, stdout=out)
    assert out.getvalue() == "Deleted 1 impressions and 0 kept pages.\n"
    assert old not in Impression.objects.all()
    assert FeedPage.objects.exists()


@pytest.mark.parametrize("days", [0, 10**7])
def test_an_age_of_nothing_or_beyond_the_calendar_is_refused(db, days):
    with pytest.raises(CommandError, match=f"--page-days must be 1 to 36500, got {days}"):
        call_command("delete_old_impressions", page_days=days)
