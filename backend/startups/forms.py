"""What founders fill in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst

from config.fields import MAX_TERM_LENGTH
from config.text_fields import LinesField
from contracts.taxonomy import STAGES
from contracts.terms import label_of
from startups.models import (
    MAX_DESCRIPTION_LENGTH,
    MAX_REQUIREMENTS_LENGTH,
    Phase,
    Position,
    Startup,
    StartupType,
)
from startups.services import MAX_TAGS
from startups.terms import as_term, as_terms

if TYPE_CHECKING:
    StartupModelForm = forms.ModelForm[Startup]
    PositionModelForm = forms.ModelForm[Position]
else:  # Django's class is generic for the type checker only
    StartupModelForm = PositionModelForm = forms.ModelForm


class TermField(forms.CharField):
    """One term, typed as words."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": MAX_TERM_LENGTH, **options})

    def to_python(self, value: Any) -> str:
        """The words as a term."""
        return as_term(super().to_python(value) or "")


class TermListField(forms.Field):
    """Several terms, each in an input of its own, so that each can be chosen from a list of suggestions."""

    widget = forms.SelectMultiple

    def __init__(self, *, most: int, **options: Any) -> None:
        super().__init__(**{"required": False, **options})
        self.most = most

    def to_python(self, value: Any) -> list[str]:
        """The distinct terms.

        Raises:
            ValidationError: If there are too many, or one is too long.
        """
        terms = as_terms(value or [])
        if len(terms) > self.most:
            raise forms.ValidationError(f"At most {self.most}, got {len(terms)}.")
        too_long = [term for term in terms if len(term) > MAX_TERM_LENGTH]
        if too_long:
            raise forms.ValidationError(f"A term has at most {MAX_TERM_LENGTH} characters: {too_long[0][:80]}…")
        return terms


class StartupForm(StartupModelForm):
    """What a founder says of a startup."""

    description = LinesField(rows=8, max_length=MAX_DESCRIPTION_LENGTH)
    type = forms.ChoiceField(label="What it is here for", choices=StartupType.choices, widget=forms.RadioSelect)
    category = TermField()
    field = TermField()
    phase = forms.ChoiceField(choices=[("", "Not said"), *Phase.choices], required=False)
    tags = TermListField(most=MAX_TAGS)

    class Meta:
        model = Startup
        fields = (
            "title",
            "description",
            "type",
            "category",
            "field",
            "phase",
            "stages",
            "tags",
            "country",
            "state",
            "region",
            "city",
            "founded_on",
        )
        widgets = {"founded_on": forms.DateInput(attrs={"type": "date"})}
        labels = {"founded_on": "Founded on"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = dict.fromkeys([*STAGES, *self.instance.stages])  # those of an import stay on offer
        self.fields["stages"] = forms.MultipleChoiceField(
            choices=[(stage, capfirst(label_of(stage))) for stage in stages],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        lists = {"category": "categories", "field": "fields", "country": "countries", "region": "regions"}
        for name, suggestions in {**lists, "city": "cities"}.items():
            self.fields[name].widget.attrs["list"] = f"known-{suggestions}"

    def clean_founded_on(self) -> date | None:
        """Nothing is founded in the future."""
        founded_on: date | None = self.cleaned_data["founded_on"]
        if founded_on is not None and founded_on > timezone.now().date():
            raise forms.ValidationError("A founding date lies in the past.")
        return founded_on

    def tag_inputs(self) -> list[str]:
        """What stands in each of the inputs for tags; the free ones are empty."""
        typed = [tag for tag in (self["tags"].value() or []) if tag][:MAX_TAGS]
        return typed + [""] * (MAX_TAGS - len(typed))


class NewStartupForm(StartupForm):
    """A startup that does not exist yet.

    Its id comes with the form, so that sending it twice creates one startup.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any] | None:
        """Say of the form what cannot be said beside a field that nobody sees."""
        if "key" in self.errors:
            self.add_error(None, "This form is out of date; load it anew.")
        return super().clean()


class PositionForm(PositionModelForm):
    """A position that a startup offers."""

    requirements = LinesField(rows=10, max_length=MAX_REQUIREMENTS_LENGTH)

    class Meta:
        model = Position
        fields = ("title", "requirements")
