"""A founder's startups: the list, a new one, and what is said of one."""

from __future__ import annotations

import uuid
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from applications.selectors import application_waiting_counts
from contracts.taxonomy import PLACES
from recommendations.publication import startup_publish
from startups.forms import NewStartupForm, StartupForm
from startups.models import StartupType
from startups.selectors import startup_get_own, startup_list_of_owner
from startups.services import startup_create, startup_update
from startups.terms import CATEGORY_TERMS, FIELD_TERMS, TAG_TERMS
from web.founders import done, founder_page, own_startup, show_errors
from web.members import member_page

SUGGESTIONS = {
    "categories": CATEGORY_TERMS,
    "fields": FIELD_TERMS,
    "tags": TAG_TERMS,
    "countries": sorted({place.country for place in PLACES}),
    "regions": sorted({place.region for place in PLACES}),
    "cities": sorted({place.city for place in PLACES}),
}


@require_safe
@member_page
def founder_startups(request: HttpRequest, member: User) -> HttpResponse:
    """The founder's startups with their state."""
    startups = list(startup_list_of_owner(owner=member))
    waiting = application_waiting_counts(startups=startups)
    rows = [(startup, waiting.get(startup.pk, 0)) for startup in startups]
    return render(request, "web/founders/startups.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def founder_startup_new(request: HttpRequest, member: User) -> HttpResponse:
    """A new startup; sending the form twice creates one."""
    form = NewStartupForm(request.POST if request.method == "POST" else None, initial=_blank())
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data.pop("key")
        if startup_get_own(owner=member, startup_id=key) is not None or _created(form, member=member, key=key):
            startup_publish(startup_id=key)
            return done(request, f"{form.cleaned_data['title']} is open to members.", "web:founder_startup", key)
    context = {"form": form, "suggestions": SUGGESTIONS}
    return render(request, "web/founders/startup_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def founder_startup_edit(request: HttpRequest, member: User, startup_id: UUID) -> HttpResponse:
    """What is said of a startup."""
    startup = own_startup(member=member, startup_id=startup_id)
    edited = own_startup(member=member, startup_id=startup_id)  # a form writes into its instance, valid or not
    form = StartupForm(request.POST if request.method == "POST" else None, instance=edited)
    if request.method == "POST" and form.is_valid():
        try:
            startup_update(startup=startup, **form.cleaned_data)
        except ValidationError as error:
            show_errors(form, error)
        else:
            startup_publish(startup_id=startup_id)
            return done(request, "Saved.", "web:founder_startup", startup_id)
    context = {"form": form, "suggestions": SUGGESTIONS, "tab": "edit"}
    return founder_page(request, "startup_edit", startup, context)


def _blank() -> dict[str, object]:
    return {"key": uuid.uuid4(), "type": StartupType.COLLABORATION}


def _created(form: NewStartupForm, *, member: User, key: UUID) -> bool:
    try:
        startup_create(owner=member, startup_id=key, **form.cleaned_data)
    except ValidationError as error:
        show_errors(form, error)
        return False
    except IntegrityError:  # the same form, sent twice at the same moment
        return startup_get_own(owner=member, startup_id=key) is not None
    return True
