"""What founders fill in."""

from __future__ import annotations

from typing import Any

from django import forms

from config.fields import MAX_TERM_LENGTH
from contracts.terms import label_of
from startups.models import Phase, Position, Startup, StartupType
from startups.services import MAX_STAGES, MAX_TAGS
from startups.taxonomy import STAGES
from startups.terms import as_term, as_terms


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


class StartupForm(forms.ModelForm[Startup]):
    """What a founder says of a startup."""

    category = TermField()
    field = TermField()
    phase = forms.ChoiceField(choices=[("", "Not said"), *Phase.choices], required=False)
    type = forms.ChoiceField(choices=StartupType.choices, initial=StartupType.COLLABORATION)
    stages = TermListField(most=MAX_STAGES)
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

    def tag_inputs(self) -> list[str]:
        """What stands in each of the inputs for tags; the free ones are empty."""
        typed = [tag for tag in (self["tags"].value() or []) if tag][:MAX_TAGS]
        return typed + [""] * (MAX_TAGS - len(typed))

    def stage_choices(self) -> list[tuple[str, str, bool]]:
        """Each stage with its words and whether it is ticked; stages of an import stay on offer."""
        ticked = list(self["stages"].value() or [])
        return [(stage, label_of(stage), stage in ticked) for stage in dict.fromkeys([*STAGES, *ticked])]


class PositionForm(forms.ModelForm[Position]):
    """A position that a startup offers."""

    class Meta:
        model = Position
        fields = ("title", "requirements")
