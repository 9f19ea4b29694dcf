"""Text embeddings of people and startups."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class TextEmbedding(models.Model):
    """The embedding of a text: what made it, from which text, and its float32 values."""

    model_id = models.CharField(max_length=200)
    text_hash = models.CharField(max_length=64, help_text="SHA-256 of the text, in hexadecimal.")
    vector = models.BinaryField(help_text="float32, little-endian.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


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
