"""What people do to startups: an append-only log of events."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from contracts.interactions import InteractionType

TYPE_CHOICES = [(kind.value, kind.value.capitalize()) for kind in InteractionType]


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
            models.Index(fields=["startup", "occurred_at"], name="event_startup"),
            models.Index(fields=["occurred_at"], name="event_occurred_at"),
            models.Index(fields=["recommendation_request_id"], name="event_recommendation"),
        ]

    def __str__(self) -> str:
        verb = f"undo {self.type}" if self.undoes_id else self.type
        return f"{verb} of {self.startup} by {self.user}"
