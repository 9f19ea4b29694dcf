"""What can be wrong with an act."""

from __future__ import annotations

from uuid import UUID

from config.errors import PlatformError


class InteractionError(PlatformError):
    """An act that is refused."""


class InvalidInteractionError(InteractionError):
    """A value of the act is out of its range."""


class IdempotencyConflictError(InteractionError):
    """The idempotency key already stands for another act."""


class StartupUnavailableError(InteractionError):
    """Members cannot see the startup: there is none to their knowledge, hidden or not."""

    def __init__(self, startup_id: UUID) -> None:
        super().__init__(f"there is no active startup {startup_id}")


class OwnStartupError(InteractionError):
    """The person owns the startup: what they do to it says nothing about others."""


class InteractionNotFoundError(InteractionError):
    """The person never did such an act."""
