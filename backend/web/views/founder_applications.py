"""Applications to a founder's startup: reading and deciding."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from api.errors import STATUSES
from api.pagination import Keyset
from applications.errors import ApplicationError
from applications.models import Application
from applications.selectors import application_counts, application_list_for_owner, application_list_of_startup
from applications.services import application_change_status
from applications.states import ApplicationStatus
from web.addresses import next_address
from web.errors import error_answer
from web.founders import done_at, founder_page, invalid, own_startup, refused_at
from web.members import member_page
from web.pages import page_or_first

PAGE_SIZE = 50
LATEST_FIRST = Keyset(time="submitted_at", newest_key_first=False, parse_key=UUID)


@require_safe
@member_page
def founder_applications(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """Who applied, the latest first."""
    startup = own_startup(member=member, startup_id=startup_id)
    status = request.GET.get("status", "")
    wanted = status if status in ApplicationStatus.values else None
    counts = application_counts(startup=startup)
    rows = application_list_of_startup(startup=startup, status=wanted)
    applications, following = page_or_first(LATEST_FIRST, rows, limit=PAGE_SIZE, cursor=request.GET.get("cursor"))
    context = {
        "applications": applications,
        "following": following,
        "status": wanted,
        "filters": [(value, label, counts[value]) for value, label in ApplicationStatus.choices if counts[value]],
        "total": sum(counts.values()),
        "tab": "applications",
    }
    return founder_page(request, "applications", startup, context)


@require_safe
@member_page
def founder_application(request: HttpRequest, member: User, application_id: UUID) -> HttpResponse:
    """One application with its letter and history."""
    application = _application(member=member, application_id=application_id)
    return render(request, "web/founders/application.html", _context(application))


@require_POST
@member_page
def founder_application_status(request: HttpRequest, member: User, application_id: UUID) -> HttpResponse:
    """Decide with one click; the buttons anew, or the page they stood on when scripts are off."""
    application = _application(member=member, application_id=application_id)
    status = request.POST.get("status", "")
    if status not in ApplicationStatus.values:
        return invalid(request, f"status: {status[:80]!r} is not one of an application's.")
    back = next_address(request, otherwise="web:founder_startups")
    try:
        changed = application_change_status(application=application, status=status, by=member)
    except ApplicationError as error:
        if request.headers.get("HX-Request"):
            return error_answer(request, status=STATUSES[type(error)], detail=f"That did not work: {error}.")
        return refused_at(request, error, back)
    if request.headers.get("HX-Request"):
        current = _application(member=member, application_id=application_id)
        return render(request, "web/founders/decision.html", {**_context(current), "next": back})
    who = application.member.name or "The member"
    return done_at(request, f"{who}: {changed.get_status_display().lower()}.", back)


def _application(*, member: User, application_id: UUID) -> Application:
    application = application_list_for_owner(owner=member).filter(pk=application_id).first()
    if application is None:
        raise Http404
    return application


def _context(application: Application) -> dict[str, object]:
    return {
        "application": application,
        "startup": application.startup,
        "changes": application.changes.select_related("changed_by"),
        "tab": "applications",
    }
