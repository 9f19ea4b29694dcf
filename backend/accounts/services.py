"""Writes people."""

from __future__ import annotations

from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Preferences, Profile, Role, User
from config.records import validate_record


class ProfileInput(TypedDict, total=False):
    """What a person says of themselves; what is left out stays empty."""

    bio: str
    skills: list[str]
    country: str
    state: str
    region: str
    city: str
    is_public: bool


class PreferencesInput(TypedDict, total=False):
    """What a person chose at onboarding; what is left out stays empty."""

    categories: list[str]
    fields: list[str]
    tags: list[str]
    stages: list[str]
    skills: list[str]


@transaction.atomic
def user_create(
    *,
    email: str,
    password: str | None = None,
    role: str = Role.STUDENT,
    name: str = "",
    external_id: str | None = None,
    profile: ProfileInput | None = None,
    preferences: PreferencesInput | None = None,
) -> User:
    """Create a person with their profile and preferences; without a password they cannot log in.

    Raises:
        ValidationError: If a value is refused (an e-mail address that is taken, an unknown role, a term twice, ...).
    """
    user = User(email=User.objects.normalize_email(email).lower(), role=role, name=name, external_id=external_id)
    user.set_password(password)
    validate_record(user)
    user.save()
    _create_with_user(Profile(user=user, **(profile or {})))
    _create_with_user(Preferences(user=user, **(preferences or {})))
    return user


@transaction.atomic
def user_update(
    *, user: User, name: str | None = None, role: str | None = None, profile: ProfileInput | None = None
) -> User:
    """Change what a person says of themselves; what is left out stays as it is.

    Raises:
        ValidationError: If a value is refused.
    """
    if name is not None:
        user.name = name
    if role is not None:
        user.role = role
    validate_record(user)
    _change(user.profile, profile or {})
    user.save(update_fields=["name", "role", "updated_at"])
    return user


@transaction.atomic
def preferences_update(*, user: User, changes: PreferencesInput) -> Preferences:
    """Change what a person is looking for; what is left out stays as it is.

    Raises:
        ValidationError: If a value is refused.
    """
    _change(user.preferences, changes)
    user.save(update_fields=["updated_at"])  # whoever keeps people in memory looks for that
    return user.preferences


def user_set_password(*, user: User, password: str) -> User:
    """Give a person a (new) password, which also ends their other sessions.

    Raises:
        ValidationError: If the password is empty.
    """
    if not password:
        raise ValidationError("A password has at least one character; the given one is empty.")
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    return user


def _change(record: Profile | Preferences, changes: ProfileInput | PreferencesInput) -> None:
    for name, value in changes.items():
        setattr(record, name, value)
    validate_record(record)
    record.save(update_fields=list(changes))  # never more: what another tab changed meanwhile stays


def _create_with_user(record: Profile | Preferences) -> None:
    validate_record(record)
    record.save(force_insert=True)
