"""What the console's pages send."""

from __future__ import annotations

from typing import Any

from django import forms

from console.jobs.parameters import MAX_EPOCHS, ImportParameters, ImportSource, Preset, TrainingParameters
from console.models import REASON_LENGTH
from contracts.api import MAX_TERM_LENGTH

MAX_EXPORT_DAYS = 366


class SentenceForm(forms.Form):
    """A form whose errors fit one sentence."""

    def sentence(self) -> str:
        """All that is wrong, in one line."""
        return " ".join(
            f"{name.capitalize()}: {message}" for name, messages in self.errors.items() for message in messages
        )


class ReasonForm(SentenceForm):
    """Why an engineer changes what serves."""

    reason = forms.CharField(max_length=REASON_LENGTH)


class ActivationForm(ReasonForm):
    """A version that is to serve."""

    force = forms.BooleanField(required=False)


class RollbackForm(ReasonForm):
    """A version that is to serve no longer: the one that the page showed as active, empty for none."""

    active = forms.CharField(required=False, max_length=MAX_TERM_LENGTH)

    def clean(self) -> None:
        """A page of an earlier release does not say what it showed."""
        super().clean()
        if "active" not in self.data:
            self.add_error("active", "This page is out of date; load it anew.")


class TrainingForm(SentenceForm):
    """A training to start."""

    preset = forms.ChoiceField(choices=Preset.choices, initial=Preset.DEFAULT)
    ensemble = forms.BooleanField(required=False)
    epochs = forms.IntegerField(required=False, min_value=1, max_value=MAX_EPOCHS)

    def parameters(self) -> TrainingParameters:
        """What was asked for; the form is valid."""
        return TrainingParameters(**self.cleaned_data)


class SearchForm(SentenceForm):
    """Whom or what the explorer looks for."""

    q = forms.CharField(required=False, max_length=200, strip=True)


class ExportForm(SentenceForm):
    """How far back an export of events reaches."""

    days = forms.IntegerField(min_value=1, max_value=MAX_EXPORT_DAYS)


class ManyFilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """The uploaded files, each checked as one would be."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """A list, also of one."""
        files = (data or [None]) if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class ImportForm(SentenceForm):
    """Tables to bring in."""

    source = forms.ChoiceField(choices=ImportSource.choices)
    tables = ManyFilesField()

    def parameters(self, *, names: tuple[str, ...]) -> ImportParameters:
        """What was asked for; the form is valid."""
        return ImportParameters(source=self.cleaned_data["source"], files=names)
