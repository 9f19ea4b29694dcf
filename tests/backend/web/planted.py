"""A platform in which every text that anybody can write is one of the tester's choice.

Records are made once; their text fields are found in the models, so a new field is planted by itself. A new model must
be made here: `test_every_model_is_planted` asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import models
from rest_framework.authtoken.models import Token

from accounts.models import Preferences, Profile, SignUp, User
from accounts.sign_up import sign_up_token
from applications.models import Application, ApplicationStatusChange, Invitation
from config.fields import MAX_TERM_LENGTH, TermsField
from console.models import AuditEntry, Job
from interactions.models import InteractionEvent
from recommendations.models import StartupEmbedding, UserEmbedding
from startups.models import FundingRound, Position, Startup

OURS = ("accounts", "applications", "console", "interactions", "recommendations", "startups")
MACHINE_WRITTEN = {"password", "text_hash", "model_id", "idempotency_key", "session_key", "session_data", "version"}
"""Columns that no person writes."""
ROLES = ("stranger", "student", "investor", "entrepreneur", "owner", "staff")
CRAWLED = [
    pytest.param(role, marks=pytest.mark.slow) if role in ("investor", "entrepreneur") else role for role in ROLES
]
"""Roles as test parameters: the two that see little more than a student and an owner are left out of a quick run."""

Text = Callable[[int], str]
"""The text to plant in a field of at most so many characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedPlatform:
    """What was made.

    Attributes:
        records: One or more of every model.
        members: Who can look at it, by role; nobody for a stranger.
        values: What fills the parts of addresses.
    """

    records: list[models.Model]
    members: dict[str, User]
    values: dict[str, Any]

    @property
    def objects(self) -> dict[str, Any]:
        """The key of the first record of each model."""
        return {record._meta.label: record.pk for record in reversed(self.records)}


def plant_platform(text: Text) -> PlantedPlatform:
    """Make a record of every model and plant the text in all of them."""
    members = {role: _member(role) for role in ROLES[1:]}
    owner, student = members["owner"], members["student"]
    startup, other = _startup(owner), _startup(members["entrepreneur"])
    position = Position.objects.create(startup=startup, title="x", requirements="x")
    event = InteractionEvent.objects.create(user=student, startup=startup, type="like", idempotency_key="1")
    application = Application.objects.create(member=student, startup=startup, position=position, letter="x")
    invitation = Invitation.objects.create(member=members["investor"], startup=startup, note="x")
    job = Job.objects.create(kind="training", status="failed", ended_at=datetime.now(tz=UTC), problem="x", step="x")
    sign_up = SignUp.objects.create(email="new@example.org", name="x", role="student", password="!")
    records: list[models.Model] = [
        *(record for user in members.values() for record in (user, user.profile, user.preferences)),
        *(startup, other, position, event, application, invitation, job, sign_up),
        InteractionEvent.objects.create(user=owner, startup=other, type="favorite", idempotency_key="2"),
        ApplicationStatusChange.objects.create(application=application, status="submitted", changed_by=student),
        FundingRound.objects.create(startup=startup, announced_on=date(2024, 1, 1), kind="x"),
        Group.objects.create(name="x"),
        UserEmbedding.objects.create(user=student, model_id="m", text_hash="0" * 64, vector=b"\0" * 1536),
        StartupEmbedding.objects.create(startup=startup, model_id="m", text_hash="0" * 64, vector=b"\0" * 1536),
    ]
    records += _more(members, startup)
    for record in records:
        plant(record, text)
    _audit(members["staff"], text)
    values = {
        **dict.fromkeys(("startup_id", "pk"), startup.pk),
        **dict.fromkeys(("member_id", "user_id", "id"), student.pk),
        "position_id": position.pk,
        "event_id": event.pk,
        "application_id": application.pk,
        "invitation_id": invitation.pk,
        "job_id": job.pk,
        "token": sign_up_token(sign_up),
        "uidb64": "MQ",
        "slug": "categories",
        "version": "two_tower_v1",
        "name": "curves",
        "part": "pairs",
        "format": "json",
        "app_label": "startups",
        "content_type_id": 1,
    }
    return PlantedPlatform(records=records, members=members, values=values)


def plant(record: models.Model, text: Text) -> None:
    """Write the text into every text field of a record, past all checks: nothing may rest on them."""
    changes = {field.attname: value for field, value in texts_of(record, text)}
    if changes:
        type(record)._base_manager.filter(pk=record.pk).update(**changes)
        record.refresh_from_db()


def texts_of(record: models.Model, text: Text) -> Iterator[tuple[models.Field[Any, Any], Any]]:
    """Each text field of a record with what to write there."""
    for field in record._meta.concrete_fields:
        if field.name in MACHINE_WRITTEN or field.choices or field.primary_key or field.is_relation:
            continue
        if isinstance(field, TermsField):
            yield field, [text(MAX_TERM_LENGTH)]
        elif isinstance(field, models.EmailField):
            continue  # addresses are checked letter by letter; `_member` gives the oddest that pass
        elif isinstance(field, models.CharField | models.TextField):
            unique = f"{record.pk}"[:8] if field.unique else ""
            yield field, unique + text(min(field.max_length or 5000, 5000) - len(unique))


def planted_models() -> set[type[models.Model]]:
    """The platform's models that hold texts which people write."""
    ours = (model for name in OURS for model in apps.get_app_config(name).get_models())
    return {model for model in ours if any(True for _ in texts_of(model(), lambda _length: "x"))}


def _member(role: str) -> User:
    staff = {"is_staff": True, "is_superuser": True} if role == "staff" else {}
    kind = {"owner": "entrepreneur", "staff": "student"}.get(role, role)
    email = f"{role}'onx={{{{31337}}}}@example.org"
    user = User.objects.create_user(email, "a long enough password", role=kind, name="x", **staff)
    Profile.objects.create(user=user)
    Preferences.objects.create(user=user)
    Token.objects.create(user=user)
    return user


def _startup(owner: User) -> Startup:
    return Startup.objects.create(owner=owner, title="x", type="collaboration")


def _audit(engineer: User, text: Text) -> None:
    AuditEntry.objects.create(
        actor=engineer,
        actor_email=engineer.email,
        action="model_activate",
        outcome="done",
        target=text(200),
        reason=text(500),
        detail=text(5000),
    )


def _more(members: dict[str, User], startup: Startup) -> list[models.Model]:
    """Records of models that came later: whatever is needed to make one, found by the names of its fields."""
    known = {User: members["student"], Startup: startup}
    made: list[models.Model] = []
    for model in sorted(planted_models() - MADE, key=lambda model: model._meta.label):
        values: dict[str, Any] = {}
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model in known:
                values[field.name] = known[field.related_model]
            elif isinstance(field, models.UUIDField) and not field.primary_key and not field.null:
                values[field.name] = uuid4()
            elif field.choices and not field.has_default():
                values[field.name] = next(iter(field.flatchoices))[0]
            elif isinstance(field, models.IntegerField) and not field.has_default() and not field.primary_key:
                values[field.name] = 1
        made.append(model._base_manager.create(**values))
    return made


MADE = {
    *(User, Profile, Preferences, SignUp, Startup, Position, FundingRound),
    *(InteractionEvent, Application, Invitation, Job, AuditEntry),
}
"""Models of which `plant_platform` makes records by hand."""
