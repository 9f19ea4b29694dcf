"""What people do to startups: an append-only log of events, and reports to the staff."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from contracts.interactions import InteractionType

TYPE_CHOICES = [(kind.value, kind.value.capitalize()) for kind in InteractionType]


class InteractionEventQuerySet(models.QuerySet["InteractionEvent"]):
    """Events, and the parts of them that count."""

    def acts(self) -> Self:
        """Without the undoings.

        Said so that the unique index on `undoes` is no way to answer: SQLite, without statistics, takes it to hold one
        row without a value, and would read every act of the platform to find those of one member.
        """
        return self.alias(undone_act=Coalesce("undoes", Value(0, models.BigIntegerField()))).filter(undone_act=0)

    def live(self) -> Self:
        """The acts that count: neither an undoing nor undone."""
        return self.acts().filter(undone_by=None)


class InteractionEvent(models.Model):
    """One act of a person towards a startup, or the undoing of one.

    Rows are never changed: an undo is a row of its own that points to the act it withdraws. `idempotency_key` makes
    a repeated request, click or import one event.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="events")
    startup = models.ForeignKey("startups.Startup", on_delete=models.CASCADE, related_name="events")
    type = models.CharField(max_length=20, choices=TYPE_CHOICES)
    occurred_at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(auto_now_add=True)
    idempotency_key = models.CharField(max_length=200)
    undoes = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="undone_by", editable=False
    )
    recommendation_request_id = models.UUIDField(
        null=True, blank=True, help_text="The recommendation answer that led to the act."
    )
    recommendation_position = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The place in that answer, 1 being the first."
    )

    objects = InteractionEventQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "idempotency_key"], name="event_once"),
            models.CheckConstraint(
                condition=models.Q(type__in=[kind.value for kind in InteractionType]), name="event_type_known"
            ),
            models.CheckConstraint(condition=~models.Q(undoes=models.F("id")), name="event_undoes_another"),
        ]
        indexes = [
            models.Index(fields=["user", "startup", "occurred_at"], name="event_pair"),
            models.Index(fields=["user", "-occurred_at", "-id"], name="event_user"),
            models.Index(fields=["startup", "occurred_at"], name="event_startup"),
            models.Index(fields=["occurred_at"], name="event_occurred_at"),
            models.Index(fields=["recommendation_request_id"], name="event_recommendation"),
        ]

    def __str__(self) -> str:
        verb = f"undo {self.type}" if self.undoes_id else self.type
        return f"{verb} of {self.startup} by {self.user}"


class ReportReason(models.TextChoices):
    """What is wrong with a startup, as a member sees it."""

    SPAM = "spam", "It is spam or advertising"
    COPIED = "copied", "It copies another startup"
    MISLEADING = "misleading", "It is misleading or a fraud"
    OFFENSIVE = "offensive", "It is offensive or harmful"
    OTHER = "other", "Something else"


MAX_REPORT_LENGTH = 2000


class StartupReport(models.Model):
    """A member tells the staff that something is wrong with a startup: one for each pair, open until it was handled."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reports")
    startup = models.ForeignKey("startups.Startup", on_delete=models.CASCADE, related_name="reports")
    reason = models.CharField(max_length=20, choices=ReportReason.choices)
    text = models.TextField(blank=True, default="", max_length=MAX_REPORT_LENGTH)
    reported_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True, help_text="Empty while it is open.")

    class Meta:
        ordering = ["-reported_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["member", "startup"], name="report_once"),
            models.CheckConstraint(condition=models.Q(reason__in=ReportReason.values), name="report_reason_known"),
        ]
        indexes = [models.Index(fields=["handled_at", "-reported_at"], name="report_open")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.startup_id}"
