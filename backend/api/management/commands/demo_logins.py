"""`manage.py demo_logins`: one ready login per role, printed as JSON."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Count

from accounts.models import Preferences, Profile, Role, User

PASSWORD = "launchmatch-demo"  # noqa: S105  # nosec B105 - a demo's, refused in production


class Command(BaseCommand):
    """Gives the busiest member of each role, and one engineer, a known password."""

    help = "Give the busiest member of each role and one engineer a known password (never in production)."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Set the passwords and print who can log in."""
        if not settings.DEBUG:
            raise CommandError("demo logins have a public password; they are refused with LAUNCHMATCH_PRODUCTION set")
        with transaction.atomic():
            members = {role.value: _member(role) for role in (Role.STUDENT, Role.INVESTOR, Role.ENTREPRENEUR)}
            members["staff"] = _engineer()
            for user in members.values():
                user.set_password(PASSWORD)
                user.save(update_fields=["password"])
        logins = [
            {"role": role, "id": str(user.pk), "email": user.email, "password": PASSWORD}
            for role, user in members.items()
        ]
        self.stdout.write(json.dumps(logins, indent=2))


def _member(role: Role) -> User:
    """The member of a role who has done most, or a new one who has done nothing."""
    busiest = (
        User.objects.filter(role=role, is_active=True, is_staff=False)
        .annotate(acts=Count("events"))
        .order_by("-acts", "email")
        .first()
    )
    return busiest or _create(email=f"{role.value}@demo.launchmatch.example", name=f"Demo {role.label}", role=role)


def _engineer() -> User:
    email = "engineer@demo.launchmatch.example"
    found = User.objects.filter(email=email).first()
    return found or _create(email=email, name="Demo engineer", role=Role.ENTREPRENEUR, is_staff=True, is_superuser=True)


def _create(**fields: Any) -> User:
    user = User.objects.create_user(**fields)
    Profile.objects.create(user=user)
    Preferences.objects.create(user=user)
    return user
