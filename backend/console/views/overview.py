"""What serves now, and how well."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import User
from console.selectors.freshness import freshness_get
from console.selectors.jobs import job_current
from console.selectors.online import online_quality, online_quality_at_hand
from console.selectors.service import ask, page_client
from console.selectors.status import status_figures
from console.services.jobs import jobs_notice_lost
from console.staff import staff_page


@require_safe
@staff_page
def overview(request: HttpRequest, engineer: User) -> HttpResponse:
    """The service's own figures, the platform's, and what members made of what they were shown."""
    jobs_notice_lost()
    client = page_client()
    status = ask(lambda: client.status(operator_id=engineer.pk))
    models = ask(lambda: client.models(operator_id=engineer.pk), unless_silent=status)
    context = {
        "status": status,
        "figures": status_figures(status.value) if status.value else None,
        "models": models,
        "freshness": freshness_get(),
        "online": online_quality_at_hand(),
        "job": job_current(),
    }
    return render(request, "console/overview.html", context)


@require_safe
@staff_page
def overview_online(request: HttpRequest, engineer: User) -> HttpResponse:  # noqa: ARG001 - the door's signature
    """The part that takes a moment to count: asked for by the page, or by a link where scripts are off."""
    quality = online_quality()
    if not request.headers.get("HX-Request"):
        return redirect("console:overview")
    return render(request, "console/partials/online.html", {"online": quality})
