"""Applications with their history, and invitations."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from applications.states import MEMBER_MOVES, OPEN_STATUSES, OWNER_MOVES, ApplicationStatus, InvitationStatus

MAX_LETTER_LENGTH = 5000
MAX_NOTE_LENGTH = 1000


class Application(models.Model):
    """A member asks to join a startup: one for each pair, reopened when they apply again after withdrawing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="applications")
    startup = models.ForeignKey("startups.Startup", on_delete=models.CASCADE, related_name="applications")
    position = models.ForeignKey(
        "startups.Position",
        on_delete=models.SET_NULL,
        related_name="applications",
        null=True,
        blank=True,
        help_text="Empty when they apply to the startup as such.",
    )
    letter = models.TextField(blank=True, default="", max_length=MAX_LETTER_LENGTH)
    status = models.CharField(max_length=20, choices=ApplicationStatus.choices, default=ApplicationStatus.SUBMITTED)
    submitted_at = models.DateTimeField(default=timezone.now, help_text="When they applied, the last time.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-submitted_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["member", "startup"], name="application_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=ApplicationStatus.values), name="application_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["startup", "status", "-submitted_at"], name="application_of_startup"),
            models.Index(fields=["member", "-submitted_at"], name="application_of_member"),
        ]

    def __str__(self) -> str:
        return f"Application of {self.member} to {self.startup}"

    @property
    def is_open(self) -> bool:
        """Whether it stands: neither withdrawn nor declined."""
        return self.status in OPEN_STATUSES

    @property
    def owner_moves(self) -> tuple[ApplicationStatus, ...]:
        """The statuses that the startup's owner may give it now."""
        return OWNER_MOVES[ApplicationStatus(self.status)]

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether the applicant may withdraw it now."""
        return ApplicationStatus.WITHDRAWN in MEMBER_MOVES[ApplicationStatus(self.status)]

    @property
    def can_be_reopened(self) -> bool:
        """Whether the applicant may apply again now."""
        return ApplicationStatus.SUBMITTED in MEMBER_MOVES[ApplicationStatus(self.status)]


class ApplicationStatusChange(models.Model):
    """One step of an application; rows are never changed."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="changes")
    status = models.CharField(max_length=20, choices=ApplicationStatus.choices)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["changed_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=ApplicationStatus.values), name="application_change_status_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.status} at {self.changed_at:%Y-%m-%d %H:%M}"


class Invitation(models.Model):
    """A startup's owner asks a member to apply: one unanswered at a time for each pair."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    startup = models.ForeignKey("startups.Startup", on_delete=models.CASCADE, related_name="invitations")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations")
    note = models.TextField(blank=True, default="", max_length=MAX_NOTE_LENGTH)
    status = models.CharField(max_length=20, choices=InvitationStatus.choices, default=InvitationStatus.SENT)
    sent_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-sent_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["startup", "member"], condition=models.Q(status="sent"), name="invitation_open_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=InvitationStatus.values), name="invitation_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status="sent", answered_at__isnull=True)
                | (~models.Q(status="sent") & models.Q(answered_at__isnull=False)),
                name="invitation_answered_when_answered",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "status", "-sent_at"], name="invitation_of_member"),
            models.Index(fields=["startup", "-sent_at"], name="invitation_of_startup"),
        ]

    def __str__(self) -> str:
        return f"Invitation of {self.member} to {self.startup}"
