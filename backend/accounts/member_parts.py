"""What this app hands out to a member of themselves, and what goes with them."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt
from django.forms.models import model_to_dict

from accounts.models import SignUp, User
from accounts.parts import OwnedStartups, exports, on_departure
from accounts.sessions import session_list_live


@exports("account")
def account(user: User) -> dict[str, Any]:
    """Who they are to the platform."""
    return {
        "id": user.pk,
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "joined_at": user.date_joined,
        "last_login_at": user.last_login,
        "sessions_end_at": [session.expire_date for session in session_list_live(user=user)],
    }


@exports("profile")
def profile(user: User) -> dict[str, Any]:
    """What they say of themselves."""
    return model_to_dict(user.profile, exclude=["user"])


@exports("preferences")
def preferences(user: User) -> dict[str, Any]:
    """What they are looking for."""
    return model_to_dict(user.preferences, exclude=["user"])


@on_departure
def forget_attempts(user: User, _startups: OwnedStartups) -> None:
    """Their failed log-ins and sign-ups, which are kept by address."""
    AccessAttempt.objects.filter(username=user.email).delete()
    SignUp.objects.filter(email=user.email).delete()
