from __future__ import annotations

from applications.invitations import invitation_answer, invitation_send
from applications.selectors import (
    application_counts,
    application_list_of_member,
    application_list_of_startup,
    application_of_pair,
    invitation_list_of_member,
    invitation_open_count,
    invitation_statuses,
)
from applications.services import application_change_status, application_submit


def test_a_startups_applications_by_status_without_those_who_left(venture, founder, make_user, make_startup):
    first, second, left = (application_submit(member=make_user(), startup=venture) for _ in range(3))
    application_submit(member=make_user(), startup=make_startup())
    application_change_status(application=first, status="seen", by=founder)
    left.member.is_active = False
    left.member.save()
    assert list(application_list_of_startup(startup=venture)) == [second, first]
    assert list(application_list_of_startup(startup=venture, status="seen")) == [first]
    counts = application_counts(startup=venture)
    assert (counts["seen"], counts["submitted"], counts["accepted"]) == (1, 1, 0)
    assert len(counts) == 6


def test_a_member_sees_their_own_applications_only(venture, member, make_user, django_assert_num_queries):
    mine = application_submit(member=member, startup=venture)
    application_submit(member=make_user(), startup=venture)
    with django_assert_num_queries(1):
        assert [found.startup.title for found in application_list_of_member(member=member)] == ["Solar Roofs"]
    assert application_of_pair(member=member, startup=venture) == mine
    assert application_of_pair(member=make_user(), startup=venture) is None


def test_invitations_wait_until_answered_or_the_startup_is_gone(venture, founder, member, make_startup):
    invitation = invitation_send(startup=venture, member=member, by=founder)
    gone = make_startup(owner=founder)
    invitation_send(startup=gone, member=member, by=founder)
    gone.status = "hidden"
    gone.save()
    assert invitation_open_count(member=member) == 1
    assert invitation_open_count(member=founder) == 0
    invitation_answer(invitation=invitation, accept=False, by=member)
    assert invitation_open_count(member=member) == 0
    assert list(invitation_list_of_member(member=member)) == [invitation]
    assert invitation_statuses(startup=venture, member_ids=[member.pk, founder.pk]) == {member.pk: "declined"}
