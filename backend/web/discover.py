"""What Discover's address says, and the addresses of what differs from it in one thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core.cache import cache
from django.http import QueryDict
from django.utils import timezone

from contracts.api import MAX_TERM_LENGTH, StartupFilters
from contracts.taxonomy import STAGES
from contracts.terms import label_of
from recommendations.discovery import DiscoverQuery
from recommendations.models import Surface
from startups.models import Phase, StartupType
from startups.selectors import startup_facets
from startups.terms import as_term
from web.selects import PlainSelect

TABS = (Surface.FOR_YOU, Surface.NEWEST, Surface.TRENDING)
SINCE = {"7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days"}
FILTER_NAMES = ("type", "category", "field", "phase", "stage", "tag", "open", "new")
MAX_TEXT = 200
FACET_SECONDS = 60
_ANY = ("", "Any")


def words_of(term: str) -> str:
    """A term as the pages spell it: `drug-discovery` as `Drug discovery`."""
    words = label_of(term)
    return words[:1].upper() + words[1:]


class DiscoverForm(forms.Form):
    """The search box and the filters; what is mangled in an address is as if it were not there."""

    q = forms.CharField(
        max_length=MAX_TEXT,
        required=False,
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Search by words", "autocomplete": "off"}),
    )
    type = forms.ChoiceField(required=False, label="Kind", choices=[_ANY, *StartupType.choices], widget=PlainSelect)
    category = forms.CharField(max_length=80, required=False, label="Category")
    field = forms.CharField(max_length=80, required=False, label="Field")
    phase = forms.ChoiceField(required=False, label="Phase", choices=[_ANY, *Phase.choices], widget=PlainSelect)
    stage = forms.ChoiceField(
        required=False,
        label="Stage",
        choices=[_ANY, *((term, words_of(term)) for term in STAGES)],
        widget=PlainSelect,
    )
    tag = forms.CharField(max_length=80, required=False, label="Tag", widget=forms.TextInput(attrs={"list": "tags"}))
    new = forms.ChoiceField(required=False, label="New since", choices=[_ANY, *SINCE.items()], widget=PlainSelect)
    open = forms.BooleanField(required=False, label="Has open positions")

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        facets: dict[str, list[str]] = cache.get_or_set("startup_facets", startup_facets, FACET_SECONDS) or {}
        category, field = str(data.get("category", "")), str(data.get("field", ""))
        fields = facets.get(category, []) if category else sorted({name for names in facets.values() for name in names})
        self.fields["category"].widget = PlainSelect(choices=_options(filter(None, facets), category))
        self.fields["field"].widget = PlainSelect(choices=_options(fields, field))
        self.full_clean()

    def clean_tag(self) -> str:
        """The words of a tag are that tag; none where lower case makes it longer than a tag can be."""
        term = as_term(self.cleaned_data["tag"])
        return term if len(term) <= MAX_TERM_LENGTH else ""

    def asked(self) -> dict[str, str]:
        """What is asked for, as it stands in an address."""
        values = {name: self.cleaned_data.get(name) for name in ("q", *FILTER_NAMES)}
        return {name: "1" if value is True else str(value) for name, value in values.items() if value}

    def filters(self) -> StartupFilters:
        """The filters; `new` counts from now."""
        asked = self.asked()
        days = asked.get("new")
        return StartupFilters(
            **{name: asked.get(name) for name in ("type", "category", "field", "phase", "stage", "tag")},
            has_open_positions=True if "open" in asked else None,
            created_after=timezone.now() - timedelta(days=int(days)) if days else None,
        )


def _options(values: Iterable[str], chosen: str) -> list[tuple[str, str]]:
    known = list(values)
    known += [chosen] if chosen and chosen not in known else []
    return [_ANY, *((value, words_of(value)) for value in known)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link from one view of Discover to another."""

    label: str
    address: str
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverAddress:
    """What an address of Discover asks for, and the addresses around it.

    Attributes:
        tab: Which order.
        form: The search box and the filters.
    """

    tab: Surface
    form: DiscoverForm

    @property
    def query(self) -> DiscoverQuery:
        """What the member wants to see."""
        return DiscoverQuery(tab=self.tab, text=self.form.asked().get("q", ""), filters=self.form.filters())

    @property
    def is_narrowed(self) -> bool:
        """Whether words or filters leave anything out."""
        return bool(self.form.asked())

    @property
    def filter_count(self) -> int:
        """How many filters are set, not counting words."""
        return len(self.form.asked().keys() - {"q"})

    @property
    def filter_fields(self) -> list[forms.BoundField]:
        """The filters that are chosen or typed."""
        return [self.form[name] for name in FILTER_NAMES if name != "open"]

    def tabs(self) -> list[Link]:
        """The other orders of the same."""
        return [Link(label=tab.label, address=self._to(tab=tab), is_current=tab == self.tab) for tab in TABS]

    def removals(self) -> list[Link]:
        """What narrows it, each with the address without it."""
        asked = self.form.asked()
        return [Link(label=self._label(name), address=self._to(without=name)) for name in asked]

    def reset(self) -> str:
        """The same tab with nothing left out."""
        return _address(self._tab_values(self.tab))

    def first(self) -> str:
        """The first page of a new list of the same."""
        return self._to()

    def page(self, list_id: object, number: int) -> str:
        """A page of a list."""
        return self._to(list=str(list_id), page=str(number))

    def hidden(self) -> dict[str, str]:
        """What the search form sends along."""
        return self._tab_values(self.tab)

    def _to(self, *, tab: Surface | None = None, without: str = "", **more: str) -> str:
        asked = {name: value for name, value in self.form.asked().items() if name != without}
        return _address(self._tab_values(tab or self.tab) | asked | more)

    @staticmethod
    def _tab_values(tab: Surface) -> dict[str, str]:
        return {} if tab == Surface.FOR_YOU else {"tab": str(tab)}

    def _label(self, name: str) -> str:
        value = self.form.asked()[name]
        if name == "q":
            return f"“{value}”"
        if name == "open":
            return "Has open positions"
        choices = {"type": dict(StartupType.choices), "phase": dict(Phase.choices), "new": SINCE}.get(name, {})
        return str(choices.get(value, words_of(value))).partition(":")[0]


def read_address(query: QueryDict) -> DiscoverAddress:
    """What an address asks for; what is mangled in it is as if it were not there."""
    tab = query.get("tab", "")
    form = DiscoverForm(query.dict())
    return DiscoverAddress(tab=Surface(tab) if tab in TABS else Surface.FOR_YOU, form=form)


def _address(values: Mapping[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update(values)
    return f"?{query.urlencode()}" if query else "?"
