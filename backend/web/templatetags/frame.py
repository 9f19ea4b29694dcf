"""What the frame around every page is made of."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from web.navigation import Link, navigation_links
from web.theme import SYSTEM, theme_of

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=128)
def icon(name: str) -> SafeString:
    """A symbol of `icons.svg`, for the eye only: the words stand beside it or in `aria-label`."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("web/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """`system`, `light` or `dark`; `system` on pages that are rendered without a request."""
    request = context.get("request")
    return theme_of(request) if isinstance(request, HttpRequest) else SYSTEM


@register.simple_tag(takes_context=True)
def sections(context: Context) -> list[Link]:
    """The navigation of whoever is logged in; nothing for strangers."""
    request = context.get("request")
    user = getattr(request, "user", None)
    return navigation_links(request, member=user) if request and isinstance(user, User) else []
