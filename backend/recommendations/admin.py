"""Embeddings in the admin (what they are made of, not their bytes), and what was recommended to whom."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from recommendations.models import FeedPage, Impression, RecommendationSettings, StartupEmbedding, UserEmbedding

BYTES_PER_DIMENSION = 4


class TextEmbeddingAdmin(ModelAdmin):
    """Read-only; deleting one makes `generate_embeddings` compute it anew."""

    list_filter = ("model_id", "updated_at")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the bytes in the database; their number is enough."""
        embeddings: QuerySet[Any] = super().get_queryset(request).defer("vector").annotate(bytes=Length("vector"))
        return embeddings

    @admin.display(description="Dimensions", ordering="bytes")
    def dimensions(self, embedding: Any) -> int:
        """How many float32 values the vector has."""
        return int(embedding.bytes) // BYTES_PER_DIMENSION

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Embeddings are made by `generate_embeddings` only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """A vector belongs to its text."""
        return False


@admin.register(UserEmbedding)
class UserEmbeddingAdmin(TextEmbeddingAdmin):
    """Embeddings of people."""

    list_display = ("user", "model_id", "dimensions", "updated_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "=text_hash")
    fields = ("user", "model_id", "dimensions", "text_hash", "updated_at")


@admin.register(StartupEmbedding)
class StartupEmbeddingAdmin(TextEmbeddingAdmin):
    """Embeddings of startups."""

    list_display = ("startup", "model_id", "dimensions", "updated_at")
    list_select_related = ("startup",)
    search_fields = ("startup__title", "=text_hash")
    fields = ("startup", "model_id", "dimensions", "text_hash", "updated_at")


class ReadOnlyAdmin(ModelAdmin):
    """Records that the platform writes by itself."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Written by the platform only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """What was shown was shown."""
        return False


@admin.register(Impression)
class ImpressionAdmin(ReadOnlyAdmin):
    """What was on whose screen."""

    list_display = ("shown_at", "user", "startup", "surface", "position", "engine", "model_version")
    list_filter = ("surface", "engine", "shown_at")
    list_select_related = ("user", "startup")
    search_fields = ("user__email", "startup__title", "=request_id")
    date_hierarchy = "shown_at"


@admin.register(FeedPage)
class FeedPageAdmin(ReadOnlyAdmin):
    """Pages of lists as they were put before members."""

    list_display = ("created_at", "user", "surface", "number", "engine", "model_version", "degraded_reason")
    list_filter = ("surface", "engine", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "=request_id", "=list_id")


@admin.register(RecommendationSettings)
class RecommendationSettingsAdmin(ModelAdmin):
    """Who turned personal recommendations off."""

    list_display = ("user", "is_personalised", "updated_at")
    list_filter = ("is_personalised",)
    list_select_related = ("user",)
    search_fields = ("user__email",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Members decide, on their own page."""
        return False
