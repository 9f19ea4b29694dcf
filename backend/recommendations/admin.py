"""Embeddings in the admin: what they are made of, not their bytes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from recommendations.models import StartupEmbedding, UserEmbedding

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
