"""Applications and invitations in the admin: to be read, their states are changed by those they concern."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from applications.models import Application, ApplicationStatusChange, Invitation


class _ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Written by their services only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Written by their services only."""
        return False


class StatusChangeInline(_ReadOnly, TabularInline):
    """The history of an application."""

    model = ApplicationStatusChange
    extra = 0
    can_delete = False


@admin.register(Application)
class ApplicationAdmin(_ReadOnly, ModelAdmin):
    """Who applied where, and what became of it."""

    inlines = (StatusChangeInline,)
    list_display = ("submitted_at", "member", "startup", "position", "status")
    list_filter = ("status", "submitted_at")
    list_select_related = ("member", "startup", "position__startup")
    search_fields = ("member__email", "startup__title")
    list_per_page = 50
    date_hierarchy = "submitted_at"


@admin.register(Invitation)
class InvitationAdmin(_ReadOnly, ModelAdmin):
    """Who was invited where, and what they answered."""

    list_display = ("sent_at", "startup", "member", "status", "answered_at")
    list_filter = ("status", "sent_at")
    list_select_related = ("member", "startup")
    search_fields = ("member__email", "startup__title")
    list_per_page = 50
    date_hierarchy = "sent_at"
