"""Signs and verifies the tokens by which callers show who they are (`contracts.access`)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import time
from typing import Any
from uuid import UUID

import jwt

from contracts.access import (
    ALGORITHM,
    AUDIENCE,
    CLOCK_SKEW_SECONDS,
    ISSUER,
    SUBJECT_OF_PLATFORM,
    Claim,
    Scope,
    require_usable_keys,
)

MAX_TOKEN_LENGTH = 2048
MAX_HEADER_LENGTH = 256
"""Of the token's first part, which is read before its signature can be checked."""
MAX_REMEMBERED = 10_000

_REQUIRED = ["iss", "aud", "sub", "iat", "exp", Claim.SCOPE.value]
_EXPLAINED: Mapping[type[jwt.InvalidTokenError], str] = {
    jwt.ExpiredSignatureError: "the token has expired; sign a new one",
    jwt.ImmatureSignatureError: "the token is from the future; set the clocks of both machines",
    jwt.InvalidIssuedAtError: "the token does not say when it was issued",
    jwt.InvalidAudienceError: f"the token is not for the audience {AUDIENCE}",
    jwt.InvalidIssuerError: f"the token was not issued by {ISSUER}",
    jwt.MissingRequiredClaimError: f"the token lacks one of the claims {', '.join(_REQUIRED)}",
    jwt.InvalidAlgorithmError: f"the token must be signed with {ALGORITHM}",
    jwt.InvalidSignatureError: "the token's signature does not fit its key",
}


class InvalidTokenError(Exception):
    """A token that opens nothing; the message says why in words that are safe to send back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who asks.

    Attributes:
        scope: What they may do.
        subject: The person's id in its usual form, or `SUBJECT_OF_PLATFORM`.
    """

    scope: Scope
    subject: str

    @property
    def user_id(self) -> UUID | None:
        """The person who asks; None for the platform itself."""
        return None if self.subject == SUBJECT_OF_PLATFORM else UUID(self.subject)


class TokenVerifier:
    """Verifies tokens against the keys that the deployment accepts; safe to share between threads.

    A token that was verified is remembered until it expires, because looking it up costs a fiftieth of verifying it.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        """Accept tokens signed with any of `keys`, by key id.

        Raises:
            ValueError: If there is no key, or one is too short.
        """
        require_usable_keys(keys)
        self._keys = dict(keys)
        self._lock = Lock()
        self._verified: OrderedDict[str, tuple[Bearer, float]] = OrderedDict()

    def verify(self, token: str) -> Bearer:
        """Who the bearer is.

        Raises:
            InvalidTokenError: If the token is malformed, expired, not for this service or not signed with a known key.
        """
        remembered = self._verified.get(token)
        if remembered is not None and time() < remembered[1]:
            return remembered[0]
        claims = self._claims(token)
        bearer = _bearer(claims)
        self._remember(token, bearer, float(claims["exp"]))
        return bearer

    def _remember(self, token: str, bearer: Bearer, expires: float) -> None:
        with self._lock:
            self._verified[token] = (bearer, expires)
            if len(self._verified) > MAX_REMEMBERED:
                self._verified.popitem(last=False)

    def _claims(self, token: str) -> Mapping[str, Any]:
        key = self._key_of(token)
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": _REQUIRED},
            )
        except jwt.InvalidTokenError as error:
            raise InvalidTokenError(_EXPLAINED.get(type(error), "the token is malformed")) from error
        except (OverflowError, RecursionError) as error:
            raise InvalidTokenError("the token is malformed") from error
        return claims

    def _key_of(self, token: str) -> str:
        if len(token) > MAX_TOKEN_LENGTH or token.find(".") > MAX_HEADER_LENGTH:
            raise InvalidTokenError(
                f"the token is longer than {MAX_TOKEN_LENGTH} characters, or its header is too long"
            )
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
        except jwt.InvalidTokenError as error:
            raise InvalidTokenError("the token is malformed") from error
        if key_id not in self._keys:
            raise InvalidTokenError("the token names no key that this service accepts")
        return self._keys[key_id]


def sign_token(keys: Mapping[str, str], scope: Scope, subject: str, lifetime: timedelta) -> str:
    """A token signed with the first of `keys`, as the platform signs its own."""
    key_id, key = next(iter(keys.items()))
    now = datetime.now(tz=UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "iat": now,
        "exp": now + lifetime,
        Claim.SCOPE.value: scope.value,
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": key_id})


def _bearer(claims: Mapping[str, Any]) -> Bearer:
    """The scope must be a known one, and whoever is a person must be named by a UUID."""
    try:
        scope = Scope(claims[Claim.SCOPE.value])
        subject = SUBJECT_OF_PLATFORM if scope is Scope.PLATFORM else str(UUID(claims["sub"]))
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidTokenError("the token's scope or subject is not one that this service knows") from error
    return Bearer(scope=scope, subject=subject)
