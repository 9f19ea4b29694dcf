"""What engineers did, and their jobs, in the admin: to be read, never to be changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from console.models import AuditEntry, Job


class ReadOnlyAdmin(ModelAdmin):
    """Records that only the console's own services write."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Not here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Not here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Not here."""
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what to what, why, and what came of it."""

    list_display = ("at", "actor_email", "action", "target", "outcome", "reason")
    list_filter = ("action", "outcome", "at")
    search_fields = ("actor_email", "target", "reason")


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Trainings and imports."""

    list_display = ("created_at", "kind", "status", "step", "version", "started_by", "ended_at")
    list_filter = ("kind", "status", "created_at")
    list_select_related = ("started_by",)
    search_fields = ("=version", "started_by__email")
