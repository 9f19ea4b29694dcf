"""App registration."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Registers `console`."""

    name = "console"
    default_auto_field = "django.db.models.BigAutoField"
