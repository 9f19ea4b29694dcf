"""App registration."""

from django.apps import AppConfig


class StartupsConfig(AppConfig):
    """Registers `startups`."""

    name = "startups"
    default_auto_field = "django.db.models.BigAutoField"
