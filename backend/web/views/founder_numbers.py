"""What a founder's startup meets with: shown, opened, saved, applied."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from interactions.startup_numbers import FUNNEL, member_count, members_by_day
from web.daily_plot import daily_plot
from web.founders import founder_page, own_startup
from web.members import member_page

WINDOWS = (7, 30, 90)
DEFAULT_WINDOW = 30
NAMES = {"opened": "Opened", "saved": "Liked or saved", "applied": "Applied or interested"}


@require_safe
@member_page
def founder_numbers(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """The startup's numbers over the last 7, 30 or 90 days, today included; days are UTC's."""
    startup = own_startup(member=member, startup_id=startup_id)
    days = _window(request.GET.get("days", ""))
    first = timezone.now().astimezone(UTC).date() - timedelta(days=days - 1)
    since = datetime.combine(first, time(), tzinfo=UTC)
    counts = {name: members_by_day(startup=startup, types=types, since=since) for name, types in FUNNEL.items()}
    members = {name: member_count(startup=startup, types=types, since=since) for name, types in FUNNEL.items()}
    plots = [daily_plot(name=NAMES[name], counts=counts[name], first=first, days=days) for name in FUNNEL]
    context = {
        "days": days,
        "windows": WINDOWS,
        "plots": plots,
        "figures": [(NAMES[name], members[name]) for name in FUNNEL],
        "rows": list(zip(*(plot.days for plot in plots), strict=True)),
        "tab": "numbers",
    }
    return founder_page(request, "numbers", startup, context)


def _window(text: str) -> int:
    return int(text) if text in {str(days) for days in WINDOWS} else DEFAULT_WINDOW
