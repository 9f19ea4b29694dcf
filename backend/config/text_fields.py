"""A form field for a text of several lines."""

from __future__ import annotations

from typing import Any

from django import forms


class LinesField(forms.CharField):
    """Text of several lines, measured as the browser measures it.

    A browser counts the end of a line as one character, and sends two: a text that just fits would be refused.
    """

    def __init__(self, *, rows: int, **options: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": rows}), **options)

    def to_python(self, value: Any) -> str:
        """The text with one character at the end of each line."""
        return str(super().to_python(value)).replace("\r\n", "\n")
