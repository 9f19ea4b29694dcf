"""What engineers did, and the work that they started."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models.lookups import IsNull

from config.errors import PlatformError

REASON_LENGTH = 500


class AppendOnlyError(PlatformError):
    """Somebody tried to change or remove what was written down for good."""


class AuditAction(models.TextChoices):
    """What an engineer can do that is written down."""

    MODEL_VALIDATE = "model_validate", "Validated a model"
    MODEL_ACTIVATE = "model_activate", "Activated a model"
    MODEL_ROLLBACK = "model_rollback", "Rolled back"
    JOB_START = "job_start", "Started a job"
    JOB_CANCEL = "job_cancel", "Cancelled a job"
    DATA_EXPORT = "data_export", "Exported data"


class AuditOutcome(models.TextChoices):
    """What came of it."""

    DONE = "done", "Done"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Rows that are added and read only."""

    def update(self, **_changes: Any) -> NoReturn:
        """Refused."""
        raise AppendOnlyError("the audit log is append-only; its entries are never changed")

    def delete(self) -> NoReturn:
        """Refused."""
        raise AppendOnlyError("the audit log is append-only; its entries are never removed")


class AuditEntry(models.Model):
    """Who did what to what, why, and what came of it; never changed.

    The e-mail address is kept beside the person, so that the log still names who acted when the account is gone.
    """

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    actor_email = models.EmailField(max_length=254)
    action = models.CharField(max_length=30, choices=AuditAction.choices)
    target = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=REASON_LENGTH, blank=True, default="")
    outcome = models.CharField(max_length=10, choices=AuditOutcome.choices)
    detail = models.TextField(blank=True, default="")

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        constraints = [
            models.CheckConstraint(condition=models.Q(action__in=AuditAction.values), name="audit_action_known"),
            models.CheckConstraint(condition=models.Q(outcome__in=AuditOutcome.values), name="audit_outcome_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.target}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write it down, once.

        Raises:
            AppendOnlyError: If it stands already.
        """
        if not self._state.adding:
            raise AppendOnlyError(f"the audit log is append-only; entry {self.pk} is never changed")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refused."""
        raise AppendOnlyError(f"the audit log is append-only; entry {self.pk} is never removed")


class JobKind(models.TextChoices):
    """What a job does."""

    TRAINING = "training", "Training"
    IMPORT = "import", "Import"


class JobStatus(models.TextChoices):
    """How far a job is."""

    QUEUED = "queued", "Starting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    LOST = "lost", "Lost"


UNENDED = (JobStatus.QUEUED, JobStatus.RUNNING)


class Job(models.Model):
    """Work in a process of its own, which outlives the request and the web server that started it.

    Its process says every few seconds that it is alive; one that fell silent is marked lost by whoever looks next. The
    database allows one job at a time: an import would change what a training reads.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=JobKind.choices)
    parameters = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=20, choices=JobStatus.choices, default=JobStatus.QUEUED)
    step = models.CharField(max_length=40, blank=True, default="", help_text="What it is at.")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(auto_now_add=True, help_text="When its process last said that it is alive.")
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True, default="", help_text="Why it did not end well.")
    version = models.CharField(max_length=40, blank=True, default="", help_text="The model version it made.")

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=JobKind.values), name="job_kind_known"),
            models.CheckConstraint(condition=models.Q(status__in=JobStatus.values), name="job_status_known"),
            models.CheckConstraint(
                condition=models.Q(status__in=UNENDED, ended_at__isnull=True)
                | (~models.Q(status__in=UNENDED) & models.Q(ended_at__isnull=False)),
                name="job_ended_says_when",
            ),
            models.UniqueConstraint(
                IsNull(models.F("ended_at"), True),
                condition=models.Q(ended_at__isnull=True),
                name="job_one_at_a_time",
                violation_error_message="Another job is still running; wait for it or cancel it.",
            ),
        ]
        indexes = [models.Index(fields=["-created_at", "id"], name="job_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_unended(self) -> bool:
        """Whether it is still at work, as far as is known."""
        return self.status in UNENDED
