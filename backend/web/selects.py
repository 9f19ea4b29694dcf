"""A select that is cheap to draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_CHOSEN, _OTHER = SafeString(" selected"), SafeString("")


class PlainSelect(forms.Select):
    """A select without groups of options.

    Django draws each option with two templates; a hundred of them cost a page a third of what its twenty cards do.
    """

    def render(
        self,
        name: str,
        value: Any,
        attrs: Mapping[str, Any] | None = None,
        renderer: BaseRenderer | None = None,  # noqa: ARG002 - draws templates, of which there is none
    ) -> SafeString:
        """Django's hook: the element."""
        chosen = self.format_value(value)
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((choice, _CHOSEN if str(choice) in chosen else _OTHER, label) for choice, label in self.choices),
        )
        given = self.build_attrs(self.attrs, dict(attrs or {}))
        return format_html('<select name="{}"{}>\n{}\n</select>', name, flatatt(given), options)
