"""What a member was invited to, and their answer."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from api.pagination import Keyset
from applications.errors import ApplicationError
from applications.invitations import invitation_answer
from applications.selectors import invitation_list_of_member
from interactions.errors import InteractionError
from web.founders import done, invalid, refused_at
from web.members import member_page
from web.pages import page_or_first

SHOWN = 50
LATEST_FIRST = Keyset(time="sent_at", newest_key_first=False, parse_key=UUID)
ANSWERS = {"accept": True, "decline": False}


@require_safe
@member_page
def invitations(request: HttpRequest, member: User) -> HttpResponse:
    """The member's invitations, the latest first."""
    mine = invitation_list_of_member(member=member)
    shown, following = page_or_first(LATEST_FIRST, mine, limit=SHOWN, cursor=request.GET.get("cursor"))
    return render(request, "web/invitations.html", {"invitations": shown, "following": following})


@require_POST
@member_page
def invitation_reply(request: HttpRequest, member: User, invitation_id: UUID) -> HttpResponse:
    """Accept, which leads to the startup, or decline."""
    invitation = invitation_list_of_member(member=member).filter(pk=invitation_id).first()
    if invitation is None:
        raise Http404
    answer = ANSWERS.get(request.POST.get("answer", ""))
    if answer is None:
        return invalid(request, "answer: Expected accept or decline.")
    try:
        invitation_answer(invitation=invitation, accept=answer, by=member)
    except (ApplicationError, InteractionError) as error:
        return refused_at(request, error, resolve_url("web:invitations"))
    if not answer:
        return done(request, "Declined. This startup will not invite you again.", "web:invitations")
    sentence = f"{invitation.startup.title} is saved. Apply when you are ready."
    return done(request, sentence, "web:startup", invitation.startup_id)
