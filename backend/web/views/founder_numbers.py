"""What a founder's startup meets with: shown, opened, saved, applied."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from recommendations.startup_numbers import WINDOWS, StartupNumbers, startup_numbers
from web.daily_plot import DailyPlot, daily_plot
from web.founders import founder_page, own_startup
from web.members import member_page

DEFAULT_WINDOW = 30
NAMES = {"opened": "Opened", "saved": "Liked or saved", "applied": "Applied or interested"}


@require_safe
@member_page
def founder_numbers(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """The startup's numbers over the last 7, 30 or 90 days, as figures, rates, plots and a table."""
    startup = own_startup(member=member, startup_id=startup_id)
    numbers = startup_numbers(startup=startup, days=_window(request.GET.get("days", "")))
    plots = _plots(numbers)
    context = {
        "days": numbers.days,
        "windows": WINDOWS,
        "plots": plots,
        "shown": plots[0].total,
        "members": [(name, numbers.totals[kind]) for kind, name in NAMES.items()],
        "rates": [(name, getattr(numbers.rates, kind)) for kind, name in NAMES.items() if numbers.rates],
        "rows": list(zip(*(plot.days for plot in plots), strict=True)),
        "tab": "numbers",
    }
    return founder_page(request, "numbers", startup, context)


def _window(text: str) -> int:
    return int(text) if text in {str(days) for days in WINDOWS} else DEFAULT_WINDOW


def _plots(numbers: StartupNumbers) -> list[DailyPlot]:
    counts = {"Shown": numbers.shown, **{name: numbers.members[kind] for kind, name in NAMES.items()}}
    return [
        daily_plot(name=name, counts=of_day, first=numbers.first, days=numbers.days) for name, of_day in counts.items()
    ]
