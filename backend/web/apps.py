"""App registration."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registers `web`."""

    name = "web"
    default_auto_field = "django.db.models.BigAutoField"
