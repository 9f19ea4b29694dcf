"""One startup of the founder: its state and its positions."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from applications.selectors import application_counts
from recommendations.publication import startup_publish
from startups.forms import PositionForm
from startups.models import Position, Startup, StartupStatus
from startups.services import position_create, position_update, startup_change_status
from web.founders import done, founder_page, invalid, own_startup, show_errors
from web.members import member_page

MOVES = {
    StartupStatus.ACTIVE: [("hidden", "Hide"), ("sold", "Mark as sold"), ("closed", "Close")],
    StartupStatus.HIDDEN: [("active", "Show again"), ("sold", "Mark as sold"), ("closed", "Close")],
    StartupStatus.SOLD: [("active", "Show again")],
    StartupStatus.CLOSED: [("active", "Show again")],
}
NOW = {
    StartupStatus.ACTIVE: "Members can find it and see it recommended.",
    StartupStatus.HIDDEN: "Nobody but you sees it.",
    StartupStatus.SOLD: "It is sold, and no longer shown.",
    StartupStatus.CLOSED: "It is closed, and no longer shown.",
}


@require_safe
@member_page
def founder_startup(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """What a founder can do with a startup."""
    return _page(request, own_startup(member=member, startup_id=startup_id), PositionForm())


@require_POST
@member_page
def founder_startup_status(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """Show, hide, sell or close it."""
    startup = own_startup(member=member, startup_id=startup_id)
    status = request.POST.get("status", "")
    if status not in StartupStatus.values:
        return invalid(request, f"status: {status[:80]!r} is not one of a startup's.")
    startup_change_status(startup=startup, status=status)
    startup_publish(startup_id=startup.pk)
    return done(request, NOW[StartupStatus(status)], "web:founder_startup", startup.pk)


@require_POST
@member_page
def founder_position_new(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """Offer a position."""
    startup = own_startup(member=member, startup_id=startup_id)
    form = PositionForm(request.POST)
    if form.is_valid():
        try:
            position_create(startup=startup, **form.cleaned_data)
        except ValidationError as error:
            show_errors(form, error)
        else:
            startup_publish(startup_id=startup.pk)
            return done(request, f"{form.cleaned_data['title']} is offered.", "web:founder_startup", startup.pk)
    return _page(request, startup, form)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def founder_position(request: HttpRequest, member: User, startup_id: UUID, position_id: int) -> HttpResponse:
    """Change a position."""
    startup = own_startup(member=member, startup_id=startup_id)
    position = _position(startup, position_id)
    form = PositionForm(request.POST if request.method == "POST" else None, instance=position)
    if request.method == "POST" and form.is_valid():
        position_update(position=_position(startup, position_id), **form.cleaned_data)
        startup_publish(startup_id=startup.pk)
        return done(request, "Saved.", "web:founder_startup", startup.pk)
    return founder_page(request, "position", startup, {"form": form, "position": position, "tab": "startup"})


@require_POST
@member_page
def founder_position_state(request: HttpRequest, member: User, startup_id: UUID, position_id: int) -> HttpResponse:
    """Close a position, or open it again."""
    startup = own_startup(member=member, startup_id=startup_id)
    is_open = request.POST.get("open") == "yes"
    position = position_update(position=_position(startup, position_id), is_active=is_open)
    startup_publish(startup_id=startup.pk)
    sentence = f"{position.title} is {'open again' if is_open else 'closed'}."
    return done(request, sentence, "web:founder_startup", startup.pk)


def _page(request: HttpRequest, startup: Startup, form: PositionForm) -> HttpResponse:
    status = StartupStatus(startup.status)
    context = {
        "form": form,
        "moves": MOVES[status],
        "now": NOW[status],
        "counts": application_counts(startup=startup),
        "tab": "startup",
    }
    return founder_page(request, "startup", startup, context)


def _position(startup: Startup, position_id: int) -> Position:
    position = startup.positions.filter(pk=position_id).first()
    if position is None:
        raise Http404
    return position
