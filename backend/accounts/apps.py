"""App registration."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AccountsConfig(AppConfig):
    """Registers `accounts`, and finds what each app knows of a member."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import every app's `member_parts`, and what is checked of a deployment."""
        autodiscover_modules("checks")
        autodiscover_modules("member_parts")
