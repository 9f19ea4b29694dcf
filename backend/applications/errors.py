"""What can be wrong with an application or an invitation."""

from __future__ import annotations

from config.errors import PlatformError


class ApplicationError(PlatformError):
    """An application or invitation that is refused."""


class InvalidApplicationError(ApplicationError):
    """A value of it is refused."""


class ApplicationStateError(ApplicationError):
    """It cannot go from where it is to where it was asked to go."""


class NotTheirsError(ApplicationError):
    """Who asks is not the one who may do this."""


class InvitationRefusedError(ApplicationError):
    """This member cannot be invited to this startup now."""
