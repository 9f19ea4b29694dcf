from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from applications import invitations
from applications.errors import ApplicationStateError, InvalidApplicationError, InvitationRefusedError, NotTheirsError
from applications.invitations import invitation_answer, invitation_send
from applications.models import Invitation
from applications.services import application_submit, application_withdraw
from interactions.errors import StartupUnavailableError
from interactions.selectors import interaction_list_live


@pytest.fixture
def invitation(venture, member, founder):
    return invitation_send(startup=venture, member=member, by=founder, note=" Join us. ")


def test_inviting_is_once_while_unanswered(invitation, venture, member, founder):
    assert (invitation.status, invitation.note, invitation.answered_at) == ("sent", "Join us.", None)
    assert invitation_send(startup=venture, member=member, by=founder, note="Again.") == invitation
    assert Invitation.objects.count() == 1


def test_accepting_saves_the_startup_once(invitation, venture, member):
    for _ in range(2):
        answered = invitation_answer(invitation=invitation, accept=True, by=member)
    assert answered.status == "accepted"
    assert answered.answered_at is not None
    assert [(act.type, act.startup) for act in interaction_list_live(user=member)] == [("favorite", venture)]


def test_declining_teaches_nothing_and_is_final(invitation, venture, member, founder):
    invitation_answer(invitation=invitation, accept=False, by=member)
    assert not interaction_list_live(user=member).exists()
    with pytest.raises(ApplicationStateError, match="declined before"):
        invitation_answer(invitation=invitation, accept=True, by=member)
    with pytest.raises(InvitationRefusedError, match="declined an invitation"):
        invitation_send(startup=venture, member=member, by=founder)


def test_only_the_owner_invites_and_only_the_invited_answers(invitation, venture, member, founder, make_user):
    with pytest.raises(NotTheirsError):
        invitation_send(startup=venture, member=make_user(), by=member)
    with pytest.raises(NotTheirsError):
        invitation_answer(invitation=invitation, accept=True, by=founder)


def test_whoever_does_not_let_themselves_be_found_is_not_invited(venture, founder, make_user):
    for member in (make_user(profile={"is_public": False}), make_user(is_active=False), founder):
        with pytest.raises(InvitationRefusedError, match="let themselves be found"):
            invitation_send(startup=venture, member=member, by=founder)


def test_an_applicant_is_not_invited_until_they_withdraw(venture, founder, member):
    application = application_submit(member=member, startup=venture)
    with pytest.raises(InvitationRefusedError, match="applied already"):
        invitation_send(startup=venture, member=member, by=founder)
    application_withdraw(application=application, by=member)
    assert invitation_send(startup=venture, member=member, by=founder).status == "sent"


def test_a_startup_that_members_cannot_see_invites_nobody(venture, founder, member):
    venture.status = "hidden"
    venture.save()
    with pytest.raises(InvitationRefusedError, match="is hidden"):
        invitation_send(startup=venture, member=member, by=founder)


def test_an_invitation_to_a_startup_gone_since_cannot_be_accepted(invitation, venture, member):
    venture.status = "closed"
    venture.save()
    with pytest.raises(StartupUnavailableError):
        invitation_answer(invitation=invitation, accept=True, by=member)
    assert Invitation.objects.get().status == "sent"


def test_nobody_invites_everybody(venture, founder, make_user, monkeypatch):
    monkeypatch.setattr(invitations, "MAX_INVITATIONS_PER_DAY", 2)
    for _ in range(2):
        invitation_send(startup=venture, member=make_user(), by=founder)
    with pytest.raises(InvitationRefusedError, match="at most 2 invitations a day"):
        invitation_send(startup=venture, member=make_user(), by=founder)


@pytest.mark.parametrize(("note", "message"), [("x" * 1001, "at most 1000"), ("\x00", "null character")])
def test_a_note_that_cannot_be_kept_is_refused(venture, founder, member, note, message):
    with pytest.raises(InvalidApplicationError, match=message):
        invitation_send(startup=venture, member=member, by=founder, note=note)


def test_the_database_keeps_one_unanswered_and_answers_with_their_time(invitation, venture, member):
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(startup=venture, member=member)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.update(status="accepted")
    Invitation.objects.update(status="accepted", answered_at=timezone.now())
    Invitation.objects.create(startup=venture, member=member)
