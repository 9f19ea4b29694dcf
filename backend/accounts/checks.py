"""What a deployment must have for accounts to work."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@register(Tags.security, deploy=True)
def mail_leaves(**_kwargs: Any) -> list[CheckMessage]:
    """Signing up and new passwords need e-mail."""
    if settings.EMAIL_BACKEND == SMTP:
        return []
    return [
        Warning(
            "EMAIL_HOST is not set: nobody can sign up or choose a new password, for no e-mail leaves the machine.",
            hint="Set EMAIL_HOST, EMAIL_PORT, EMAIL_USER, EMAIL_PASSWORD, EMAIL_SECURITY and EMAIL_FROM.",
            id="accounts.W001",
        )
    ]
