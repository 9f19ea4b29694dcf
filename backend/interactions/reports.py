"""What members report to the staff."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from config.records import validate_record
from interactions.errors import OwnStartupError
from interactions.models import StartupReport
from startups.models import Startup


def report_send(*, member: User, startup: Startup, reason: str, text: str = "") -> StartupReport:
    """Report a startup; again changes what was said, and opens the report anew where it was handled.

    Raises:
        OwnStartupError: If it is their own.
        ValidationError: If the reason is unknown or the text is too long.
    """
    if startup.owner_id == member.pk:
        raise OwnStartupError(f"startup {startup.pk} is your own; change or close it instead of reporting it")
    sent = StartupReport.objects.filter(member=member, startup=startup).first()
    report = sent or StartupReport(member=member, startup=startup)
    report.reason, report.text, report.handled_at = reason, text, None
    validate_record(report)
    said = {"reason": reason, "text": text, "handled_at": None}
    return StartupReport.objects.update_or_create(member=member, startup=startup, defaults=said)[0]


def report_list(*, user: User) -> QuerySet[StartupReport]:
    """What a member reported, the latest first, with the startups."""
    return StartupReport.objects.filter(member=user).select_related("startup").order_by("-reported_at", "-id")
