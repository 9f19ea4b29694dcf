"""In the admin: the log of acts, to be read, never to be changed; and the reports of members, to be handled."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from interactions.models import InteractionEvent, StartupReport


@admin.register(InteractionEvent)
class InteractionEventAdmin(ModelAdmin):
    """Who did what to which startup, when, and whether it still counts."""

    list_display = ("occurred_at", "user", "type", "startup", "counts", "recommendation_position")
    list_filter = ("type", "occurred_at", ("undoes", admin.EmptyFieldListFilter))
    list_select_related = ("user", "startup", "undone_by")
    search_fields = ("user__email", "startup__title", "=idempotency_key")
    list_per_page = 50
    date_hierarchy = "occurred_at"
    show_full_result_count = False

    @admin.display(description="Counts", boolean=True)
    def counts(self, event: InteractionEvent) -> bool:
        """Neither an undoing nor undone."""
        return event.undoes_id is None and getattr(event, "undone_by", None) is None

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Acts are recorded by their services only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """The log is append-only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows go only together with their person or startup, never from the log's own pages."""
        match = request.resolver_match
        own_page = bool(match and (match.url_name or "").startswith("interactions_interactionevent"))
        return not own_page and bool(super().has_delete_permission(request, obj))


@admin.register(StartupReport)
class StartupReportAdmin(ModelAdmin):
    """What members report; `Mark as handled` closes reports."""

    list_display = ("reported_at", "startup", "reason", "member", "handled_at")
    list_filter = (("handled_at", admin.EmptyFieldListFilter), "reason", "reported_at")
    list_select_related = ("member", "startup")
    search_fields = ("startup__title", "member__email", "text")
    list_per_page = 50
    readonly_fields = ("member", "startup", "reason", "text", "reported_at")
    actions = ("mark_as_handled",)

    @admin.action(description="Mark as handled")
    def mark_as_handled(self, request: HttpRequest, reports: QuerySet[StartupReport]) -> None:
        """Close the chosen reports that are open."""
        handled = reports.filter(handled_at=None).update(handled_at=timezone.now())
        self.message_user(request, f"Handled: {handled}.")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Members report, on the startup's page."""
        return False
