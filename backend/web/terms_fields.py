"""Form fields for lists of terms: chips to tick, and room for what is not among them."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from config.fields import MAX_TERM_LENGTH, MAX_TERMS
from contracts.terms import label_of

MAX_WRITTEN = 1000


class TermChips(forms.MultipleChoiceField):
    """Terms as checkboxes, each under its words."""

    widget = forms.CheckboxSelectMultiple

    def offer(self, terms: Iterable[str], *, chosen: Iterable[str]) -> None:
        """Offer the terms, and what was chosen before even if it is not among them: saving must lose nothing."""
        every = dict.fromkeys([*terms, *chosen])
        self.choices = [(term, spelled(term)) for term in every]


class WrittenTerms(forms.CharField):
    """Terms written down, with commas between them; `Machine learning` becomes `machine-learning`."""

    def __init__(self, *, label: str) -> None:
        super().__init__(required=False, max_length=MAX_WRITTEN, label=label, help_text="With commas between them.")

    def clean(self, value: object) -> list[str]:
        """The terms.

        Raises:
            ValidationError: If one is too long, or there are too many.
        """
        written = str(super().clean(value))
        terms = list(dict.fromkeys(term for part in written.split(",") if (term := slug_of(part))))
        if any(len(term) > MAX_TERM_LENGTH for term in terms):
            raise forms.ValidationError(f"Each has at most {MAX_TERM_LENGTH} characters; separate them by commas.")
        if len(terms) > MAX_TERMS:
            raise forms.ValidationError(f"At most {MAX_TERMS}, got {len(terms)}.")
        return terms


def slug_of(words: str) -> str:
    """Words as a term is stored: `Machine learning` as `machine-learning`."""
    return "-".join(words.lower().split())


def spelled(term: str) -> str:
    """A term as a chip shows it."""
    words = label_of(term)
    return words[:1].upper() + words[1:]


def merged(*lists: Iterable[str]) -> list[str]:
    """The terms of all lists, each once, at most as many as a record holds."""
    return list(dict.fromkeys(term for terms in lists for term in terms))[:MAX_TERMS]
