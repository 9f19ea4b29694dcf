"""The buttons: what a member does to a startup, and taking it back."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.models import User
from api.errors import STATUSES
from applications.errors import ApplicationError
from applications.services import application_submit, application_take_back
from contracts.interactions import EXPLICIT_TYPES, InteractionType
from interactions.errors import InteractionError, StartupUnavailableError
from interactions.services import interaction_record, interaction_withdraw
from startups.models import Startup
from web.addresses import safe_address
from web.cards import card_of_startup
from web.errors import error_answer
from web.forms import ActForm
from web.members import member_page

DONE = {
    "apply": "You applied to {title}.",
    "interest": "You expressed interest in {title}.",
    "favorite": "You saved {title}.",
    "like": "You liked {title}.",
    "dislike": "{title} will not be recommended again.",
}
UNDONE = "Taken back: {title}."


@require_POST
@member_page
def act(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """Record one act or withdraw it; answer the buttons anew, or the page when scripts are off."""
    startup = Startup.objects.filter(pk=startup_id).first()
    if startup is None:
        raise Http404
    form = ActForm(request.POST)
    if not form.is_valid():
        return error_answer(request, status=HTTPStatus.UNPROCESSABLE_ENTITY, detail=form.sentence())
    try:
        _perform(form, member=member, startup=startup)
    except StartupUnavailableError as error:
        raise Http404 from error
    except (InteractionError, ApplicationError) as error:
        return error_answer(request, status=STATUSES[type(error)], detail=f"That did not work: {error}.")
    return _answer(request, form, member=member, startup=startup)


def _perform(form: ActForm, *, member: User, startup: Startup) -> None:
    """Applying goes with an application of its own, here one without a letter."""
    kind, undone = form.cleaned_data["type"], form.cleaned_data["undo"]
    origin = form.origin()
    if undone == InteractionType.APPLY:
        application_take_back(member=member, startup=startup)
    elif undone:
        interaction_withdraw(user=member, startup=startup, type=undone)
    elif kind == InteractionType.APPLY:
        application_submit(
            member=member,
            startup=startup,
            recommendation_request_id=origin.request_id,
            recommendation_position=origin.position,
        )
    else:
        interaction_record(
            user=member,
            startup=startup,
            type=kind,
            idempotency_key=f"{form.cleaned_data['key']}:{kind}",
            recommendation_request_id=origin.request_id,
            recommendation_position=origin.position,
        )


def _answer(request: HttpRequest, form: ActForm, *, member: User, startup: Startup) -> HttpResponse:
    kind, address = form.cleaned_data["type"], safe_address(form.cleaned_data["next"])
    if kind and kind not in EXPLICIT_TYPES:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if request.headers.get("HX-Request"):
        card = card_of_startup(startup=startup, user=member, origin=form.origin())
        return render(request, "web/partials/acts.html", {"card": card, "next": address})
    messages.success(request, DONE.get(kind, UNDONE).format(title=startup.title))
    return HttpResponseRedirect(address)
