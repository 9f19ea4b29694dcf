from __future__ import annotations

from uuid import uuid4

from applications.services import application_submit
from applications.visibility import member_seen_by


def test_founders_see_who_lets_themselves_be_found(founder, venture, make_user, member):
    hidden, gone = make_user(profile={"is_public": False}), make_user(is_active=False)
    assert member_seen_by(viewer=founder, member_id=member.pk) == member
    assert member_seen_by(viewer=founder, member_id=hidden.pk) is None
    assert member_seen_by(viewer=founder, member_id=gone.pk) is None
    assert member_seen_by(viewer=founder, member_id=uuid4()) is None


def test_members_without_a_startup_see_only_themselves(make_user, member, venture):
    assert member_seen_by(viewer=member, member_id=make_user().pk) is None
    assert member_seen_by(viewer=member, member_id=member.pk) == member


def test_an_applicant_is_seen_by_that_founder_only(founder, venture, make_user, make_startup):
    applicant = make_user(profile={"is_public": False})
    other = make_startup(owner=make_user()).owner
    application_submit(member=applicant, startup=venture)
    assert member_seen_by(viewer=founder, member_id=applicant.pk) == applicant
    assert member_seen_by(viewer=other, member_id=applicant.pk) is None
