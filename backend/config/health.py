"""Whether the platform is alive."""

from __future__ import annotations

from http import HTTPStatus

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api.errors import problem_response


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process and its database answer, 503 while the database does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return problem_response(
            request, status=HTTPStatus.SERVICE_UNAVAILABLE, detail=f"The database does not answer: {error}"
        )
    return JsonResponse({"status": "alive"})
