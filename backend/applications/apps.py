"""App registration."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """Registers `applications`."""

    name = "applications"
    default_auto_field = "django.db.models.BigAutoField"
