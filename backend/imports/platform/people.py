"""The table `users`: people, their profiles and what they chose at onboarding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import Preferences, Profile, User
from imports.batching import batches
from imports.errors import RowRefusedError
from imports.identity import identifier_of, placeholder_email
from imports.platform.context import ImportContext, OnceOnly
from imports.platform.validation import require_valid
from imports.platform.values import Row

SOURCE = "platform"
_EMAIL_DOMAIN = "import.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The three records of one row."""

    user: User
    profile: Profile
    preferences: Preferences


def import_people(path: Path, context: ImportContext) -> None:
    """Bring the people in; those whose external id is known stay as they are."""
    keys, emails = OnceOnly("the external_id"), _Emails()

    def build(row: Row) -> Person | None:
        keys.require_new(row["external_id"])
        if row["external_id"] in context.people:
            return None
        person = _person(row)
        emails.require_new(person.user.email)
        return person

    for batch in batches(context.records("users", path, build)):
        _write([person for person in batch if person is not None], context)
        context.summary.present["users"] += sum(person is None for person in batch)


class _Emails:
    """Addresses that are taken, on the platform or by an earlier row."""

    def __init__(self) -> None:
        self._taken = set(User.objects.values_list("email", flat=True).iterator())

    def require_new(self, email: str) -> None:
        if email in self._taken:
            raise RowRefusedError("the email belongs to another person", email)
        self._taken.add(email)


def _write(people: list[Person], context: ImportContext) -> None:
    context.writer.create([person.user for person in people])
    context.writer.create([person.profile for person in people])
    context.writer.create([person.preferences for person in people])
    context.summary.created["users"] += len(people)
    context.people.update((str(person.user.external_id), person.user.pk) for person in people)


def _person(row: Row) -> Person:
    external_id = row["external_id"]
    user = User(
        id=identifier_of(SOURCE, "user", external_id),
        external_id=external_id,
        email=row["email"].lower() or placeholder_email(external_id, _EMAIL_DOMAIN),
        name=row["name"],
        role=row["role"],
        date_joined=row["joined_at"] or timezone.now(),
        password=make_password(None),
    )
    profile = Profile(
        user=user,
        bio=row["bio"],
        skills=row["skills"],
        is_public=row["is_public"] is not False,
        **{part: row[part] for part in ("country", "state", "region", "city")},
    )
    chosen = ("categories", "fields", "tags", "stages", "skills")
    preferences = Preferences(user=user, **{name: row[f"preferred_{name}"] for name in chosen})
    require_valid(user, profile, preferences)
    return Person(user=user, profile=profile, preferences=preferences)
