"""Keeps charsets that cannot be read away from Django, which would fail before any of its middleware could answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.http import parse_header_parameters

REFUSED = "launchmatch.refused_charset"
"""The name under which the environment of a request tells that its charset was taken away."""

Environment = dict[str, Any]
Application = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]
_ADDRESS_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.%&=+"


def is_readable(content_type: str) -> bool:
    """Whether queries and forms can be read by the charset that the header names, if it names one.

    A codec from text to text such as rot13 cannot, nor can one in which the characters of an address mean others.
    """
    try:
        _, parameters = parse_header_parameters(content_type)
        return _ADDRESS_CHARACTERS.decode(parameters.get("charset", "utf-8")) == _ADDRESS_CHARACTERS.decode("ascii")
    except (LookupError, ValueError):  # no codec, none for text, or one that fails on these; a header that is none
        return False


def readable_charsets_only(application: Application) -> Application:
    """The WSGI application behind a look at the charset: `web.charset_refusal` answers where it is refused."""

    def look(environ: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not is_readable(environ.get("CONTENT_TYPE", "")):
            environ = {**environ, "CONTENT_TYPE": "", REFUSED: True}
        return application(environ, start_response)

    return look
