"""Startups in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from config.admin_tools import TERMS_AS_TEXT, count_of
from interactions.models import InteractionEvent
from startups.models import FundingRound, Position, Startup
from startups.services import startup_touch


class PositionInline(TabularInline):
    """Its positions."""

    model = Position
    extra = 0
    fields = ("title", "requirements", "is_active")


class FundingRoundInline(TabularInline):
    """Its funding rounds."""

    model = FundingRound
    extra = 0


@admin.register(Startup)
class StartupAdmin(ModelAdmin):
    """Startups with their positions, rounds and counts."""

    formfield_overrides = TERMS_AS_TEXT
    inlines = (PositionInline, FundingRoundInline)
    list_per_page = 50
    list_display = ("title", "type", "category", "phase", "status", "acts", "positions_offered", "owner", "opened_at")
    list_filter = ("status", "type", "phase", "category", "opened_at")
    list_select_related = ("owner",)
    search_fields = ("title", "external_id", "category", "field", "owner__email")
    autocomplete_fields = ("owner",)
    readonly_fields = ("id", "acts", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("title", "description", "owner", "external_id")}),
        ("What it is", {"fields": ("type", "category", "field", "phase", "stages", "tags", "founded_on")}),
        ("Where", {"fields": ("country", "state", "region", "city")}),
        ("Visibility", {"fields": ("status", "opened_at", "closed_at")}),
        ("Record", {"fields": ("acts", "created_at", "updated_at", "id")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Startup]:
        """Startups with their counts."""
        startups: QuerySet[Startup] = super().get_queryset(request)
        return startups.annotate(
            acts_count=count_of(InteractionEvent, by="startup"), positions_count=count_of(Position, by="startup")
        )

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Positions and rounds are part of what the service knows of a startup."""
        super().save_formset(request, form, formset, change)
        startup_touch(startup_ids=[form.instance.pk])

    @admin.display(description="Acts", ordering="acts_count")
    def acts(self, startup: Any) -> int:
        """How many events concern the startup, undoings included."""
        return int(getattr(startup, "acts_count", 0))

    @admin.display(description="Positions", ordering="positions_count")
    def positions_offered(self, startup: Any) -> int:
        """How many positions it has, closed ones included."""
        return int(startup.positions_count)


class StartupPartAdmin(ModelAdmin):
    """Records that belong to a startup: changing one changes it."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and mark the startup as changed; also the one that it belonged to before."""
        before = set(self.model._default_manager.filter(pk=obj.pk).values_list("startup_id", flat=True))
        super().save_model(request, obj, form, change)
        startup_touch(startup_ids={*before, obj.startup_id})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, and mark the startup as changed."""
        startup_touch(startup_ids=[obj.startup_id])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete several, and mark their startups as changed."""
        startup_touch(startup_ids=set(queryset.values_list("startup_id", flat=True)))
        super().delete_queryset(request, queryset)


@admin.register(Position)
class PositionAdmin(StartupPartAdmin):
    """Positions across startups."""

    list_display = ("title", "startup", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("startup",)
    search_fields = ("title", "startup__title", "external_id")
    autocomplete_fields = ("startup",)


@admin.register(FundingRound)
class FundingRoundAdmin(StartupPartAdmin):
    """Funding rounds across startups."""

    list_display = ("startup", "kind", "announced_on", "amount_usd")
    list_filter = ("kind", "announced_on")
    list_select_related = ("startup",)
    search_fields = ("startup__title", "kind")
    autocomplete_fields = ("startup",)
    date_hierarchy = "announced_on"
