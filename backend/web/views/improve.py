"""What the platform believes of the member, and their word in it."""

from __future__ import annotations

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from recommendations.beliefs import belief_term_remove, beliefs_of
from recommendations.errors import UnknownBeliefError
from recommendations.personalisation import personalisation_change
from recommendations.selectors import recommendation_settings
from web.addresses import next_address
from web.discover import words_of
from web.errors import error_answer
from web.members import member_page


class SwitchForm(forms.Form):
    """On or off."""

    personal = forms.ChoiceField(choices=[("on", "on"), ("off", "off")])


@require_safe
@member_page
def improve(request: HttpRequest, member: User) -> HttpResponse:
    """What recommendations are based on, each with a button that removes it."""
    context = {"beliefs": beliefs_of(user=member), "settings": recommendation_settings(user=member)}
    return render(request, "web/improve.html", context)


@require_POST
@member_page
def personalisation(request: HttpRequest, member: User) -> HttpResponse:
    """Turn personal recommendations off or on."""
    form = SwitchForm(request.POST)
    if not form.is_valid():
        return error_answer(request, status=HTTPStatus.UNPROCESSABLE_ENTITY, detail="personal: expected on or off.")
    wanted = form.cleaned_data["personal"] == "on"
    personalisation_change(user=member, is_personalised=wanted)
    messages.success(request, "Your lists are your own again." if wanted else "You see the same lists as everybody.")
    return HttpResponseRedirect(next_address(request, otherwise="web:discover_improve"))


@require_POST
@member_page
def belief_remove(request: HttpRequest, member: User) -> HttpResponse:
    """Take away one term."""
    kind, term = request.POST.get("kind", ""), request.POST.get("term", "")
    try:
        belief_term_remove(user=member, kind=kind, term=term)
    except UnknownBeliefError as error:
        return error_answer(request, status=HTTPStatus.UNPROCESSABLE_ENTITY, detail=f"{error}.")
    messages.success(request, f"Removed: {words_of(term)}.")
    return HttpResponseRedirect(resolve_url("web:discover_improve"))
