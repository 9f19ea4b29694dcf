"""What the console refuses."""

from __future__ import annotations

from config.errors import PlatformError


class ConsoleError(PlatformError):
    """Something an engineer asked for cannot be done; the message says why and what to do."""


class JobRefusedError(ConsoleError):
    """A job cannot be started or cancelled as things stand."""


class ModelsUnreadableError(ConsoleError):
    """A file in the folder of models cannot be read, or is not what it should be."""
