"""The journal of an import that writes in many short transactions; it is empty while none is under way."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone


class ImportRun(models.Model):
    """An import that is under way, or was when its process died."""

    begun_at = models.DateTimeField(default=timezone.now)
    is_complete = models.BooleanField(default=False, help_text="All is in; what is left to do is to show it.")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Import begun at {self.begun_at}"


class ImportedBatch(models.Model):
    """The rows that one short transaction wrote, so that they can be shown or taken out again."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="batches")
    model = models.CharField(max_length=100, help_text="The label of their model, e.g. startups.startup.")
    keys = models.JSONField(encoder=DjangoJSONEncoder, help_text="Their primary keys.")
    values = models.JSONField(help_text="What each gets once it is shown; empty where nobody sees them by themselves.")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{len(self.keys)} of {self.model}"
