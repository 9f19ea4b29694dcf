"""What can go wrong with embeddings and datasets."""

from __future__ import annotations

from config.errors import PlatformError


class EncoderError(PlatformError):
    """A text encoder that is missing, corrupt or unfit, or that made something unusable."""


class EmbeddingError(PlatformError):
    """An embedding that cannot be what it says it is."""


class DatasetExportError(PlatformError):
    """A dataset that cannot be written as asked."""
