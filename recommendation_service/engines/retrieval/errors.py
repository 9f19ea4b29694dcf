"""What an index may fail with."""

from __future__ import annotations

from recommendation_service.engines.errors import EngineError


class VectorIndexError(EngineError):
    """A saved index that is missing, damaged or of another kind, or a store that does not answer."""
