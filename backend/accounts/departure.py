"""Leaving the platform."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.parts import OwnedStartups, member_depart
from accounts.passwords import password_prove


@transaction.atomic
def user_delete(*, user: User, password: str, startups: OwnedStartups) -> list[UUID]:
    """Delete a member with all that is theirs: profile, events, applications, embeddings, sessions, tokens.

    Returns:
        The startups they owned: whoever keeps lists of startups should look at these again.

    Raises:
        WrongPasswordError: If the password is another.
    """
    password_prove(user=user, password=password)
    owned = list(user.startups.values_list("pk", flat=True))
    member_depart(user, startups)
    User.objects.get(pk=user.pk).delete()
    return owned
