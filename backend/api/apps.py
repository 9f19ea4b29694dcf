"""App registration."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Registers `api`."""

    name = "api"
    default_auto_field = "django.db.models.BigAutoField"
