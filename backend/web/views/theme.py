"""The switch between light and dark."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from web.addresses import next_address
from web.errors import error_answer
from web.theme import CHOICES, theme_keep


@require_POST
def theme_change(request: HttpRequest) -> HttpResponse:
    """Keep the visitor's choice and go back to where they were."""
    chosen = request.POST.get("theme", "")
    if chosen not in CHOICES:
        return error_answer(request, status=HTTPStatus.UNPROCESSABLE_ENTITY, detail="Choose system, light or dark.")
    answer = HttpResponseRedirect(next_address(request))
    theme_keep(answer, chosen, secure=request.is_secure())
    return answer
