"""What the member did, to be taken back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from contracts.interactions import EXPLICIT_TYPES
from interactions.selectors import interaction_list_live
from web.members import member_page

SHOWN = 100


@require_safe
@member_page
def activity(request: HttpRequest, member: User) -> HttpResponse:
    """The member's latest opinions and commitments that stand."""
    acts = interaction_list_live(user=member).filter(type__in=EXPLICIT_TYPES).select_related("startup")[:SHOWN]
    return render(request, "web/activity.html", {"acts": acts})
