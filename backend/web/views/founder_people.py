"""People for a startup: who fits it, who they are, and inviting them."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role, User
from api.pagination import Keyset
from applications.errors import ApplicationError
from applications.invitations import invitation_send
from applications.models import MAX_NOTE_LENGTH
from applications.selectors import (
    application_list_for_owner,
    application_member_ids,
    invitation_list_of_member,
    invitation_list_of_startup,
    invitation_member_ids,
)
from applications.visibility import member_seen_by
from config.text_fields import LinesField
from recommendations.people import people_for_startup
from startups.models import StartupStatus
from startups.selectors import startup_list_of_owner
from web.addresses import next_address
from web.founders import done_at, founder_page, invalid, own_startup, refused_at
from web.members import member_page
from web.pages import page_or_first

SHOWN = 24
INVITED_SHOWN = 50
LATEST_FIRST = Keyset(time="sent_at", newest_key_first=False, parse_key=UUID)


class InvitationForm(forms.Form):
    """Whom to invite, and a word to them."""

    member_id = forms.UUIDField()
    note = LinesField(rows=3, max_length=MAX_NOTE_LENGTH)


@require_safe
@member_page
def founder_people(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """People who fit the startup, and those invited."""
    startup = own_startup(member=member, startup_id=startup_id)
    wanted = request.GET.get("role", "")
    role = Role(wanted) if wanted in Role.values else None
    sent = invitation_list_of_startup(startup=startup)
    invited, following = page_or_first(LATEST_FIRST, sent, limit=INVITED_SHOWN, cursor=request.GET.get("cursor"))
    without = invitation_member_ids(startup=startup) | application_member_ids(startup=startup)
    people = (
        people_for_startup(startup=startup, owner=member, limit=SHOWN, role=role, without=without)
        if startup.status == StartupStatus.ACTIVE
        else None
    )
    context = {
        "people": people,
        "invited": invited,
        "following": following,
        "role": role,
        "roles": Role.choices,
        "tab": "people",
    }
    return founder_page(request, "people", startup, context)


@require_POST
@member_page
def founder_invite(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """Invite a member."""
    startup = own_startup(member=member, startup_id=startup_id)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        problems = " ".join(str(problem) for problems in form.errors.values() for problem in problems)
        return invalid(request, problems)
    invited = member_seen_by(viewer=member, member_id=form.cleaned_data["member_id"])
    if invited is None:
        raise Http404
    back = next_address(request, otherwise="web:founder_startups")
    try:
        invitation_send(startup=startup, member=invited, by=member, note=form.cleaned_data["note"])
    except ApplicationError as error:
        return refused_at(request, error, back)
    return done_at(request, f"{invited.name or 'The member'} is invited to {startup.title}.", back)


@require_safe
@member_page
def member_profile(request: HttpRequest, member: User, member_id: UUID) -> HttpResponse:
    """A member as founders may see them."""
    shown = member_seen_by(viewer=member, member_id=member_id)
    if shown is None:
        raise Http404
    invited = list(invitation_list_of_member(member=shown).filter(startup__owner=member))
    applied = list(application_list_for_owner(owner=member).filter(member=shown))
    known = {invitation.startup_id for invitation in invited} | {application.startup_id for application in applied}
    mine = startup_list_of_owner(owner=member).filter(status=StartupStatus.ACTIVE).exclude(pk__in=known)
    context = {
        "shown": shown,
        "startups": [] if shown == member else list(mine),
        "invitations": invited,
        "applications": applied,
    }
    return render(request, "web/founders/member.html", context)
