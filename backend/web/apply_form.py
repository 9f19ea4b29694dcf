"""The form with which a member applies to a startup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from applications.models import MAX_LETTER_LENGTH
from config.text_fields import LinesField
from startups.models import Position, Startup
from web.forms import OriginForm

if TYPE_CHECKING:
    PositionChoice = forms.ModelChoiceField[Position]
else:  # Django's class is generic for the type checker only
    PositionChoice = forms.ModelChoiceField


class PositionField(PositionChoice):
    """One of a startup's positions, by its title."""

    def label_from_instance(self, obj: Position) -> str:
        """Its title."""
        return obj.title


class ApplyForm(OriginForm):
    """The letter, and the position if one is named."""

    letter = LinesField(
        rows=6,
        max_length=MAX_LETTER_LENGTH,
        label="Your letter",
        help_text="Why this startup, and what you would bring. The founder reads it.",
    )
    role = PositionField(
        Position.objects.none(), required=False, label="For which position?", empty_label="Any, or none of these"
    )

    def __init__(self, startup: Startup, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        role = self.fields["role"]
        if isinstance(role, PositionField):
            role.queryset = startup.positions.filter(is_active=True).order_by("id")
