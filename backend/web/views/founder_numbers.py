"""What a founder's startup meets with: shown, opened, saved, applied."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from interactions.startup_numbers import member_count, members_by_day
from recommendations.exposure import APPLIED, OPENED, SAVED, Rate, impression_rates, impressions_by_day
from startups.models import Startup
from web.daily_plot import DailyPlot, daily_plot
from web.founders import founder_page, own_startup
from web.members import member_page

WINDOWS = (7, 30, 90)
DEFAULT_WINDOW = 30
ACTS = {"Opened": OPENED, "Liked or saved": SAVED, "Applied or interested": APPLIED}


@require_safe
@member_page
def founder_numbers(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """The startup's numbers over the last 7, 30 or 90 days, today included; days are UTC's."""
    startup = own_startup(member=member, startup_id=startup_id)
    days = _window(request.GET.get("days", ""))
    first = timezone.now().astimezone(UTC).date() - timedelta(days=days - 1)
    since = datetime.combine(first, time(), tzinfo=UTC)
    plots = _plots(startup, first=first, since=since, days=days)
    context = {
        "days": days,
        "windows": WINDOWS,
        "plots": plots,
        "shown": plots[0].total,
        "members": [(name, member_count(startup=startup, types=types, since=since)) for name, types in ACTS.items()],
        "rates": _rates(startup, since=since),
        "rows": list(zip(*(plot.days for plot in plots), strict=True)),
        "tab": "numbers",
    }
    return founder_page(request, "numbers", startup, context)


def _window(text: str) -> int:
    return int(text) if text in {str(days) for days in WINDOWS} else DEFAULT_WINDOW


def _plots(startup: Startup, *, first: date, since: datetime, days: int) -> list[DailyPlot]:
    counts = {"Shown": impressions_by_day(startup_id=startup.pk, since=since)}
    for name, types in ACTS.items():
        counts[name] = members_by_day(startup=startup, types=types, since=since)
    return [daily_plot(name=name, counts=of_day, first=first, days=days) for name, of_day in counts.items()]


def _rates(startup: Startup, *, since: datetime) -> list[tuple[str, Rate]]:
    """What came of the impressions; nothing before the first one."""
    groups = [group for group in impression_rates(by="all", since=since, startup_id=startup.pk) if group.shown]
    return [pair for group in groups for pair in zip(ACTS, (group.opened, group.saved, group.applied), strict=True)]
