"""Who may come in where: every route declares it, and what it declares is checked before anything of it runs."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, Response, g, request

from contracts.access import Scope
from recommendation_service.http_api.problems import problem
from recommendation_service.http_api.tokens import Bearer, InvalidTokenError, TokenVerifier
from recommendation_service.services.errors import UnknownUserError

_ADMITTED = "admitted_scopes"
_PREFIX = "bearer "
_CHALLENGE = 'Bearer realm="launchmatch"'

View = TypeVar("View", bound=Callable[..., Any])


class AuthenticationError(Exception):
    """A caller who does not show who they are; the message says what is wrong with what they sent."""


class ForbiddenError(Exception):
    """A caller who is known but may not come in here."""

    def __init__(self, needed: Scope) -> None:
        super().__init__(f"this needs a token of the scope {needed.value}")
        self.needed = needed


class UndeclaredRouteError(Exception):
    """A route that does not say who may come in; a mistake in the program."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(f"the route {endpoint} must carry @admits(...) or @open_to_all")


def admits(*scopes: Scope) -> Callable[[View], View]:
    """Let callers of these scopes into a route; operators may come in everywhere."""

    def declare(view: View) -> View:
        setattr(view, _ADMITTED, (*scopes, Scope.OPERATOR))
        return view

    return declare


def open_to_all(view: View) -> View:
    """Let everybody into a route, without a token."""
    setattr(view, _ADMITTED, ())
    return view


def register_access(app: Flask, verifier: TokenVerifier) -> None:
    """Check every request against what its route declares; call it when all routes are registered.

    Raises:
        UndeclaredRouteError: If a route declares nothing.
    """
    admitted = {endpoint: _declared(endpoint, view) for endpoint, view in app.view_functions.items()}

    def check() -> None:
        scopes = admitted.get(request.endpoint or "", ())
        if scopes:
            g.bearer = _admit(scopes, verifier)

    app.before_request(check)
    app.register_error_handler(AuthenticationError, _challenge)
    app.register_error_handler(ForbiddenError, _refusal)


def bearer() -> Bearer:
    """Who asks now.

    Raises:
        AuthenticationError: On a route that is open to all.
    """
    known: Bearer | None = g.get("bearer")
    if known is None:
        raise AuthenticationError("nobody has to say who they are here")
    return known


def require_own(user_id: UUID) -> None:
    """Let members ask about nobody but themselves.

    Raises:
        UnknownUserError: For anybody else, whether or not there is such a person.
    """
    asking = bearer()
    if asking.scope is Scope.MEMBER and asking.user_id != user_id:
        raise UnknownUserError(str(user_id))


def _declared(endpoint: str, view: Callable[..., Any]) -> tuple[Scope, ...]:
    scopes: tuple[Scope, ...] | None = getattr(view, _ADMITTED, None)
    if scopes is None:
        raise UndeclaredRouteError(endpoint)
    return scopes


def _admit(scopes: tuple[Scope, ...], verifier: TokenVerifier) -> Bearer:
    try:
        asking = verifier.verify(_token())
    except InvalidTokenError as error:
        raise AuthenticationError(str(error)) from error
    if asking.scope not in scopes:
        raise ForbiddenError(scopes[0])
    return asking


def _token() -> str:
    header = request.headers.get("Authorization", "")
    if header[: len(_PREFIX)].lower() != _PREFIX:
        raise AuthenticationError("send a token in the header `Authorization: Bearer TOKEN`")
    return header[len(_PREFIX) :].strip()


def _challenge(error: AuthenticationError) -> Response:
    response = problem(HTTPStatus.UNAUTHORIZED, str(error))
    sent = "Authorization" in request.headers
    response.headers["WWW-Authenticate"] = f'{_CHALLENGE}, error="invalid_token"' if sent else _CHALLENGE
    return response


def _refusal(error: ForbiddenError) -> Response:
    response = problem(HTTPStatus.FORBIDDEN, str(error))
    response.headers["WWW-Authenticate"] = f'{_CHALLENGE}, error="insufficient_scope", scope="{error.needed.value}"'
    return response
