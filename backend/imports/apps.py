"""App registration."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Registers `imports`."""

    name = "imports"
    default_auto_field = "django.db.models.BigAutoField"
