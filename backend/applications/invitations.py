"""Writes invitations: a founder asks a member to apply, and the member answers."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Profile, User
from applications.errors import ApplicationStateError, InvalidApplicationError, InvitationRefusedError, NotTheirsError
from applications.models import MAX_NOTE_LENGTH, Application, Invitation
from applications.states import OPEN_STATUSES, InvitationStatus
from contracts.interactions import InteractionType
from interactions.services import interaction_record
from startups.models import Startup, StartupStatus

MAX_INVITATIONS_PER_DAY = 50
"""How many one startup may send in a day, so that nobody invites everybody."""


@transaction.atomic
def invitation_send(*, startup: Startup, member: User, by: User, note: str = "") -> Invitation:
    """Invite a member to apply, once: while one is unanswered, inviting again is the same invitation.

    Raises:
        NotTheirsError: If they do not own the startup.
        InvalidApplicationError: If the note is too long.
        InvitationRefusedError: If the startup is not open, too many were sent today, or the member does not let
            themselves be found, has applied, or declined before.
    """
    current = Startup.objects.select_for_update().get(pk=startup.pk)  # two tabs invite one after the other
    if current.owner_id != by.pk:
        raise NotTheirsError(f"startup {current.pk} is not yours to invite to")
    text = _clean_note(note)
    unanswered = current.invitations.filter(member=member, status=InvitationStatus.SENT).first()
    if unanswered is not None:
        return unanswered
    _require_startup_may_invite(current)
    _require_member_may_be_invited(member, startup=current)
    return Invitation.objects.create(startup=current, member=member, note=text)


@transaction.atomic
def invitation_answer(*, invitation: Invitation, accept: bool, by: User) -> Invitation:
    """The member's answer; the same answer again is harmless. Accepting saves the startup, which teaches.

    Raises:
        NotTheirsError: If it was not sent to them.
        ApplicationStateError: If they answered otherwise before.
        StartupUnavailableError: If they accept and the startup is no longer open.
    """
    current = Invitation.objects.select_for_update(of=("self",)).select_related("startup").get(pk=invitation.pk)
    if current.member_id != by.pk:
        raise NotTheirsError(f"invitation {current.pk} is not yours to answer")
    wanted = InvitationStatus.ACCEPTED if accept else InvitationStatus.DECLINED
    if current.status == wanted:
        return current
    if current.status != InvitationStatus.SENT:
        raise ApplicationStateError(f"this invitation was {current.status} before")
    current.status, current.answered_at = wanted, timezone.now()
    current.save(update_fields=["status", "answered_at"])
    if accept:
        interaction_record(
            user=by,
            startup=current.startup,
            type=InteractionType.FAVORITE,
            idempotency_key=f"invitation:{uuid.uuid4().hex}",
        )
    return current


def _clean_note(note: str) -> str:
    text = note.replace("\r\n", "\n").strip()
    if len(text) > MAX_NOTE_LENGTH:
        raise InvalidApplicationError(f"a note has at most {MAX_NOTE_LENGTH} characters, got {len(text)}")
    if "\x00" in text:
        raise InvalidApplicationError("the note holds a null character, which cannot be stored; remove it")
    return text


def _require_startup_may_invite(startup: Startup) -> None:
    if startup.status != StartupStatus.ACTIVE:
        raise InvitationRefusedError(f"{startup.title} is {startup.status}; show it to members before inviting any")
    day_ago = timezone.now() - timedelta(days=1)
    if startup.invitations.filter(sent_at__gt=day_ago).count() >= MAX_INVITATIONS_PER_DAY:
        raise InvitationRefusedError(f"a startup sends at most {MAX_INVITATIONS_PER_DAY} invitations a day")


def _require_member_may_be_invited(member: User, *, startup: Startup) -> None:
    found = Profile.objects.filter(user=member, user__is_active=True, is_public=True).exists()
    if not found or member.pk == startup.owner_id:
        raise InvitationRefusedError("this member does not let themselves be found")
    if Application.objects.filter(member=member, startup=startup, status__in=OPEN_STATUSES).exists():
        raise InvitationRefusedError("this member has applied already")
    if startup.invitations.filter(member=member, status=InvitationStatus.DECLINED).exists():
        raise InvitationRefusedError("this member declined an invitation before")
