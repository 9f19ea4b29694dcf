"""What no route of the API answers: a problem, in development too, where Django would show a page to debug."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt

from api.errors import problem_response


@csrf_exempt
def unknown_route(request: HttpRequest) -> HttpResponse:
    """Send whoever reads on to the address with its slash; what carries a body would lose it on the way: 404."""
    slashed = f"{request.path_info}/"
    if resolve(slashed).func is unknown_route:
        detail = f"There is no {request.path[:200]}; every address of the API stands in /api/schema/."
    elif request.method in {"GET", "HEAD"}:
        return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
    else:
        detail = f"There is no {request.path}; addresses end with a slash: {request.path}/"
    return problem_response(request, status=HTTPStatus.NOT_FOUND, detail=detail)
