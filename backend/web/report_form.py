"""The form with which a member reports a startup."""

from __future__ import annotations

from django import forms

from config.text_fields import LinesField
from interactions.models import MAX_REPORT_LENGTH, ReportReason


class ReportForm(forms.Form):
    """What is wrong."""

    reason = forms.ChoiceField(choices=ReportReason.choices, label="What is wrong?")
    text = LinesField(rows=3, max_length=MAX_REPORT_LENGTH, label="What should we look at?")
