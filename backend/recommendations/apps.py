"""App registration."""

from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    """Registers `recommendations`."""

    name = "recommendations"
    default_auto_field = "django.db.models.BigAutoField"
