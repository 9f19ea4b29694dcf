"""What each engine would show a member and why; who sees a startup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from console.forms import SearchForm
from console.plots import LABEL_EVERY_DAYS, StackedBars, stacked_bars
from console.selectors.explorer import member_events, member_search, startup_events, startup_search
from console.selectors.service import ask, page_client
from console.selectors.startup_exposure import StartupExposure, startup_exposure
from console.staff import staff_page
from contracts.api import RecommendedPeople, RungInspection, SimilarStartups, Withheld
from startups.models import Startup

PLACES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlace:
    """One place of a list, with the record it stands for; None when that is gone."""

    record: Startup | User | None
    place: object


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRung:
    """What one rung would show."""

    told: RungInspection
    places: list[NamedPlace]


@require_safe
@staff_page
def explorer(request: HttpRequest, engineer: User) -> HttpResponse:  # noqa: ARG001 - the door's signature
    """Find a member or a startup."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    context = {
        "form": form,
        "words": words,
        "members": member_search(words=words),
        "startups": startup_search(words=words),
    }
    return render(request, "console/explorer.html", context)


@require_safe
@staff_page
def explore_member(request: HttpRequest, engineer: User, user_id: UUID) -> HttpResponse:
    """Everything behind one member's list."""
    member = User.objects.select_related("profile", "preferences").filter(pk=user_id).first()
    if member is None:
        raise Http404
    told = ask(lambda: page_client().inspect(operator_id=engineer.pk, user_id=member.pk, limit=PLACES))
    rungs = told.value.rungs if told.value else []
    withheld = told.value.withheld if told.value else []
    names = _startups([item.startup_id for rung in rungs for item in rung.items] + _ids(withheld))
    context = {
        "member": member,
        "told": told,
        "rungs": [
            NamedRung(
                told=rung, places=[NamedPlace(record=names.get(item.startup_id), place=item) for item in rung.items]
            )
            for rung in rungs
        ],
        "withheld": [(rule.rule, len(rule.startup_ids), _named(rule, names)) for rule in withheld],
        "events": member_events(member=member),
    }
    return render(request, "console/member.html", context)


@require_safe
@staff_page
def explore_startup(request: HttpRequest, engineer: User, startup_id: UUID) -> HttpResponse:
    """Who acts on a startup, what is like it, and who fits it."""
    startup = Startup.objects.select_related("owner").filter(pk=startup_id).first()
    if startup is None:
        raise Http404
    client = page_client()
    similar = ask(lambda: client.similar(operator_id=engineer.pk, startup_id=startup.pk, limit=PLACES))
    people = ask(
        lambda: client.people(operator_id=engineer.pk, startup_id=startup.pk, limit=PLACES), unless_silent=similar
    )
    exposure = startup_exposure(startup=startup)
    context = {
        "startup": startup,
        "exposure": exposure,
        "plot": _exposure_plot(exposure),
        "similar": similar,
        "neighbours": _neighbours(similar.value),
        "people": people,
        "candidates": _candidates(people.value),
        "events": startup_events(startup=startup),
    }
    return render(request, "console/startup.html", context)


def _exposure_plot(exposure: StartupExposure) -> StackedBars:
    days = [f"{day:%-d %b}" for day, _ in exposure.days]
    return stacked_bars(
        labels=days, series=["seen"], values=[[shown] for _, shown in exposure.days], every=LABEL_EVERY_DAYS
    )


def _ids(withheld: Iterable[Withheld]) -> list[UUID]:
    return [startup_id for rule in withheld for startup_id in rule.startup_ids[:PLACES]]


def _named(rule: Withheld, names: Mapping[UUID, Startup]) -> list[Startup]:
    return [names[startup_id] for startup_id in rule.startup_ids[:PLACES] if startup_id in names]


def _startups(ids: Iterable[UUID]) -> dict[UUID, Startup]:
    return Startup.objects.only("id", "title", "category", "status").in_bulk(set(ids))


def _neighbours(told: SimilarStartups | None) -> list[NamedPlace]:
    items = told.items if told else []
    names = _startups(item.startup_id for item in items)
    return [NamedPlace(record=names.get(item.startup_id), place=item) for item in items]


def _candidates(told: RecommendedPeople | None) -> list[NamedPlace]:
    items = told.items if told else []
    names = User.objects.only("id", "name", "email", "role").in_bulk({item.user_id for item in items})
    return [NamedPlace(record=names.get(item.user_id), place=item) for item in items]
