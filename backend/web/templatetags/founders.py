"""How the founders' pages spell people, applications and invitations."""

from __future__ import annotations

from django import template
from django.utils.text import capfirst

from accounts.models import User
from applications.states import ApplicationStatus, InvitationStatus

BADGES = {
    ApplicationStatus.SUBMITTED: "badge-warn",
    ApplicationStatus.SHORTLISTED: "badge-good",
    ApplicationStatus.ACCEPTED: "badge-good",
    ApplicationStatus.DECLINED: "badge-bad",
    InvitationStatus.SENT: "badge-warn",
}
MOVE_WORDS = {
    ApplicationStatus.SEEN: "Mark as seen",
    ApplicationStatus.SHORTLISTED: "Shortlist",
    ApplicationStatus.ACCEPTED: "Accept",
    ApplicationStatus.DECLINED: "Decline",
}

register = template.Library()


@register.filter
def person(user: User) -> str:
    """Their name; never the e-mail address, which is theirs alone."""
    return user.name or "A member"


@register.filter
def state_badge(status: str) -> str:
    """The colour of an application's or invitation's status."""
    return BADGES.get(status, "")  # type: ignore[call-overload,no-any-return]


@register.filter
def move_words(status: str) -> str:
    """What the button says that gives an application this status."""
    return MOVE_WORDS[ApplicationStatus(status)]


@register.filter
def halves(words: str) -> tuple[str, str]:
    """`Marketplace: for sale` as the name and what it means, the latter as a sentence's beginning."""
    name, _, meaning = words.partition(": ")
    return name, capfirst(meaning)


@register.filter
def percent(share: float) -> str:
    """0.0316 as `3.2 %`."""
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


@register.filter
def hundredths(share: float) -> str:
    """A share as a length out of 100."""
    return f"{100 * share:.2f}"
