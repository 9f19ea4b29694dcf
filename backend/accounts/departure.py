"""Leaving the platform."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from accounts.parts import OwnedStartups, member_depart
from accounts.passwords import password_prove


def user_delete(*, user: User, password: str, startups: OwnedStartups) -> None:
    """Delete a member who asks for it themselves; see `user_remove`.

    Raises:
        WrongPasswordError: If the password is another.
    """
    password_prove(user=user, password=password)
    user_remove(user=user, startups=startups)


@transaction.atomic
def user_remove(*, user: User, startups: OwnedStartups) -> None:
    """Delete a member with all that is theirs: profile, events, applications, embeddings, sessions, tokens."""
    member_depart(user, startups)
    User.objects.get(pk=user.pk).delete()
