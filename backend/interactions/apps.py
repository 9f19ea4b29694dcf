"""App registration."""

from django.apps import AppConfig


class InteractionsConfig(AppConfig):
    """Registers `interactions`."""

    name = "interactions"
    default_auto_field = "django.db.models.BigAutoField"
