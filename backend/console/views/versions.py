"""Every version of the model, and one of them in full."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from console.errors import ModelsUnreadableError
from console.model_files.cards import read_card
from console.model_files.markdown import Block
from console.model_files.pictures import picture_names, read_picture
from console.model_files.routing import Routing, read_routing
from console.selectors.service import ask, page_client
from console.selectors.versions import active_name, segment_comparisons, version_get, version_list, versions_known
from console.staff import staff_page


@require_safe
@staff_page
def versions(request: HttpRequest, engineer: User) -> HttpResponse:
    """All of them, newest first, beside their baselines and the active one."""
    told = ask(lambda: page_client().models(operator_id=engineer.pk))
    listed = version_list(told=told.value)
    context = {"told": told, "versions": listed, "active_name": told.value.active if told.value else active_name()}
    return render(request, "console/models.html", context)


@require_safe
@staff_page
def version_page(request: HttpRequest, engineer: User, version: str) -> HttpResponse:
    """One version: figures by segment, pictures, routes, card, and what can be done with it."""
    told = ask(lambda: page_client().models(operator_id=engineer.pk))
    if version not in versions_known(told=told.value):
        raise Http404
    shown, active = version_get(name=version, told=told.value), active_name()
    beside = version_get(name=active, told=told.value) if active and active != version else None
    routing, routing_problem = _routing(version)
    context = {
        "told": told,
        "version": shown,
        "is_active": active == version,
        "active": beside,
        "comparisons": segment_comparisons(version=shown, active=beside),
        "pictures": picture_names(version),
        "routing": routing,
        "routing_problem": routing_problem,
        "card": _card(version),
    }
    return render(request, "console/version.html", context)


@require_safe
@staff_page
def picture(request: HttpRequest, engineer: User, version: str, name: str) -> HttpResponse:  # noqa: ARG001
    """A picture of a version."""
    try:
        return HttpResponse(read_picture(version, name), content_type="image/png")
    except ModelsUnreadableError as error:
        raise Http404(str(error)) from error


def _routing(version: str) -> tuple[Routing | None, str | None]:
    try:
        return read_routing(version), None
    except ModelsUnreadableError as error:
        return None, str(error)


def _card(version: str) -> list[Block]:
    try:
        return read_card(version)
    except ModelsUnreadableError:
        return []  # saved without a card; the page says so
