"""Which colours a visitor wants: their device's, or always light or dark ones; a cookie keeps it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

COOKIE = "theme"
SYSTEM = "system"
THEMES = ("light", "dark")
CHOICES = (SYSTEM, *THEMES)
KEPT_SECONDS = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """`light` or `dark` when the visitor chose one, else `system`; a mangled cookie is no choice."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in THEMES else SYSTEM


def theme_keep(response: HttpResponse, theme: str, *, secure: bool) -> None:
    """Keep one of `CHOICES` in the visitor's browser.

    Raises:
        ValueError: If it is no choice.
    """
    if theme not in CHOICES:
        raise ValueError(f"a theme is one of {', '.join(CHOICES)}, got {theme!r}")
    if theme == SYSTEM:
        response.delete_cookie(COOKIE, samesite="Lax")
        return
    response.set_cookie(COOKIE, theme, max_age=KEPT_SECONDS, secure=secure, httponly=True, samesite="Lax")
