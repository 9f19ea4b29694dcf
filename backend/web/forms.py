"""What the pages' buttons send."""

from __future__ import annotations

from django import forms

from contracts.interactions import InteractionType
from interactions.services import MAX_POSITION
from web.cards import Origin

ACTS = [(kind.value, kind.value) for kind in InteractionType]
MAX_FORM_KEY_LENGTH = 150


class OriginForm(forms.Form):
    """The recommendation answer that led here, carried along by links and buttons."""

    request_id = forms.UUIDField(required=False)
    position = forms.IntegerField(required=False, min_value=1, max_value=MAX_POSITION)

    def origin(self) -> Origin:
        """The answer, if one is fully and validly named; a mangled link is no reason to refuse a page."""
        if not self.is_valid() or not self.cleaned_data["request_id"]:
            return Origin()
        return Origin(request_id=self.cleaned_data["request_id"], position=self.cleaned_data["position"])


class ActForm(OriginForm):
    """One button: an act of a `type`, or the `undo` of one."""

    type = forms.ChoiceField(choices=ACTS, required=False)
    undo = forms.ChoiceField(choices=ACTS, required=False)
    key = forms.CharField(max_length=MAX_FORM_KEY_LENGTH)
    next = forms.CharField(max_length=2000, required=False)

    def clean(self) -> None:
        """Exactly one of `type` and `undo`."""
        super().clean()
        if not self.errors and bool(self.cleaned_data["type"]) == bool(self.cleaned_data["undo"]):
            raise forms.ValidationError("Exactly one of type and undo is needed.")

    def sentence(self) -> str:
        """All that is wrong, in one line."""
        return " ".join(f"{name}: {message}" for name, messages in self.errors.items() for message in messages)
