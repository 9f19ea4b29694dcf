"""Text embeddings of people and startups; what was recommended to whom, and what they decided about that."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import models
from django.utils import timezone

from startups.models import Startup


class TextEmbedding(models.Model):
    """The embedding of a text: what made it, from which text, and its float32 values."""

    model_id = models.CharField(max_length=200)
    text_hash = models.CharField(max_length=64, help_text="SHA-256 of the text, in hexadecimal.")
    vector = models.BinaryField(help_text="float32, little-endian.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        # The latest change is looked for every few seconds by whoever follows the texts.
        indexes = [models.Index(fields=["updated_at"], name="%(class)s_updated_at")]


class UserEmbedding(TextEmbedding):
    """The embedding of what a person says of themselves."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="embedding"
    )

    def __str__(self) -> str:
        return f"Embedding of {self.user_id}"


class StartupEmbedding(TextEmbedding):
    """The embedding of a startup's text."""

    startup = models.OneToOneField(
        "startups.Startup", on_delete=models.CASCADE, primary_key=True, related_name="embedding"
    )

    def __str__(self) -> str:
        return f"Embedding of {self.startup_id}"


class RecommendationSettings(models.Model):
    """What a person decided about their recommendations; without a row they are personal."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="recommendation_settings"
    )
    is_personalised = models.BooleanField(
        default=True, help_text="Off: the same lists as everybody, and what the person does teaches nothing."
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "recommendation settings"

    def __str__(self) -> str:
        return f"Recommendations of {self.user_id}: {'personal' if self.is_personalised else 'not personal'}"


class Surface(models.TextChoices):
    """Where startups are put before a member."""

    FOR_YOU = "for_you", "For you"
    NEWEST = "newest", "Newest"
    TRENDING = "trending", "Trending"
    SEARCH = "search", "Search"
    SIMILAR = "similar", "Similar startups"


class FeedPage(models.Model):
    """One page of a list as it was put before a member.

    Kept for a few days so that a page that is asked for again is the same, the next one repeats nothing, and the
    platform knows what it showed without asking the browser.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    list_id = models.UUIDField(help_text="The same for all pages of a list.")
    number = models.PositiveSmallIntegerField(help_text="1 is the first page.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feed_pages")
    surface = models.CharField(max_length=20, choices=Surface.choices)
    query = models.JSONField(default=dict, help_text="The filters and the words that were asked for.")
    request_id = models.UUIDField(help_text="The recommendation answer that it shows.")
    engine = models.CharField(max_length=80)
    model_version = models.CharField(max_length=80, blank=True, default="")
    rung = models.CharField(max_length=20, blank=True, default="")
    segment = models.CharField(max_length=20, blank=True, default="")
    degraded_reason = models.CharField(max_length=500, blank=True, default="", help_text="Empty when not degraded.")
    items = models.JSONField(default=list, help_text="Startup, position and reasons of each place, best first.")
    next_cursor = models.CharField(max_length=200, blank=True, default="")
    has_more = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    fresh: Sequence[Startup] | None = None
    """Its startups, where it was put together just now; None where it was read. Not stored."""

    class Meta:
        ordering = ["list_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["list_id", "number"], name="feed_page_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="feed_page_counted_from_one"),
            models.CheckConstraint(condition=models.Q(surface__in=Surface.values), name="feed_page_surface_known"),
        ]
        indexes = [models.Index(fields=["created_at"], name="feed_page_created_at")]

    def __str__(self) -> str:
        return f"Page {self.number} of {self.surface} for {self.user_id}"


class Impression(models.Model):
    """A startup that really was on a member's screen, once for each answer that put it there."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="impressions")
    startup = models.ForeignKey("startups.Startup", on_delete=models.CASCADE, related_name="impressions")
    request_id = models.UUIDField(help_text="The recommendation answer; acts that follow from it carry it too.")
    position = models.PositiveSmallIntegerField(help_text="The place in that answer, 1 being the first.")
    surface = models.CharField(max_length=20, choices=Surface.choices)
    engine = models.CharField(max_length=80)
    model_version = models.CharField(max_length=80, blank=True, default="")
    rung = models.CharField(max_length=20, blank=True, default="")
    shown_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-shown_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "request_id", "startup"], name="impression_once"),
            models.CheckConstraint(condition=models.Q(position__gte=1), name="impression_position_from_one"),
            models.CheckConstraint(condition=models.Q(surface__in=Surface.values), name="impression_surface_known"),
        ]
        indexes = [
            models.Index(fields=["shown_at"], name="impression_shown_at"),
            models.Index(fields=["startup", "shown_at"], name="impression_of_startup"),
        ]

    def __str__(self) -> str:
        return f"{self.startup_id} before {self.user_id} at {self.shown_at:%Y-%m-%d %H:%M}"
