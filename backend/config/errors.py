"""The root of the platform's errors."""

from __future__ import annotations


class PlatformError(Exception):
    """Something the platform refuses or cannot do; its message says what was wrong and what to do about it."""
