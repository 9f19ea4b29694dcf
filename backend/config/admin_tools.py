"""What the admin pages of several apps share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import IntegerField, Model, OuterRef, Subquery
from django.db.models import functions as database_functions
from django.db.models.aggregates import Count
from unfold.widgets import UnfoldAdminTextInputWidget

from config.fields import TermsField


class TermsFormField(forms.CharField):
    """A list of terms, edited as `one, two, three`."""

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **options: Any) -> None:  # noqa: ARG002 - JSONField's
        super().__init__(**{"help_text": "Separated by commas.", **options, "widget": UnfoldAdminTextInputWidget})

    def prepare_value(self, value: Any) -> Any:
        """Join a list for the text box; what was typed stays as it is."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Split what was typed."""
        return [term for part in (super().to_python(value) or "").split(",") if (term := part.strip())]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lists, not texts."""
        return bool((initial or []) != self.to_python(data))


TERMS_AS_TEXT = {TermsField: {"form_class": TermsFormField}}


def count_of(model: type[Model], *, by: str) -> database_functions.Coalesce:
    """How many rows of `model` point to the row at hand through `by`: a subquery, so that counts do not multiply."""
    rows = model._default_manager.filter(**{by: OuterRef("pk")}).order_by().values(by)
    counted = rows.annotate(rows=Count("pk")).values("rows")
    return database_functions.Coalesce(Subquery(counted, output_field=IntegerField()), 0)
