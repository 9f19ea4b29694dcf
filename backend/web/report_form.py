"""The form with which a member reports a startup."""

from __future__ import annotations

from django import forms

from interactions.models import MAX_REPORT_LENGTH, ReportReason


class ReportForm(forms.Form):
    """What is wrong."""

    reason = forms.ChoiceField(choices=ReportReason.choices, label="What is wrong?")
    text = forms.CharField(
        max_length=MAX_REPORT_LENGTH,
        required=False,
        label="What should we look at?",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
