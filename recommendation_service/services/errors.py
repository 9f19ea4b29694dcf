"""The service's error tree. `http_api.problems` holds the one table that turns these into HTTP answers."""

from __future__ import annotations


class ServiceError(Exception):
    """Any failure of the service that its caller should know about."""


class UnknownUserError(ServiceError):
    """There is no such person."""

    def __init__(self, user_id: str) -> None:
        super().__init__(f"there is no user {user_id}")


class UnknownStartupError(ServiceError):
    """There is no such startup, or members can no longer find it."""

    def __init__(self, startup_id: str) -> None:
        super().__init__(f"there is no open startup {startup_id}")


class UnknownModelError(ServiceError):
    """There is no such version in the registry."""

    def __init__(self, version: str) -> None:
        super().__init__(f"there is no model version {version}; GET /v1/models names them")


class ActiveModelMovedError(ServiceError):
    """Another version is active than the one that a decision was made about."""

    def __init__(self, *, seen: str, active: str | None) -> None:
        super().__init__(
            f"{active or 'no version'} is active by now, not {seen or 'none'}, from which you wanted to go back; "
            "look again, and repeat it if that still is what you want"
        )


class NoActiveModelError(ServiceError):
    """No version is active."""

    def __init__(self) -> None:
        super().__init__("no model version is active; the service answers without a learned model")


class DatabaseUnavailableError(ServiceError):
    """The platform's database did not answer, or not in time."""


class SchemaMismatchError(ServiceError):
    """The platform's database does not have the tables this service reads."""

    def __init__(self, differences: list[str]) -> None:
        super().__init__(
            f"the platform's database does not fit: {'; '.join(differences)}; "
            "run `python manage.py migrate` in backend/, or install the service's matching version"
        )


class NotReadyError(ServiceError):
    """No catalogue has been loaded yet, so there is nothing to answer from."""


class SavedCatalogueError(ServiceError):
    """The catalogue kept on disk is damaged or of another version."""
