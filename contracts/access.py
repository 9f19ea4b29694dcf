"""Who may ask the recommendation service for what: the claims of the tokens between the two houses.

A token is a JSON Web Token signed with HMAC-SHA256 and a key that both houses hold, named by its `kid` header. It
lives for seconds, so that a leaked one is soon worthless, and a key is changed by accepting the old and the new one for
a while.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

ALGORITHM = "HS256"
ISSUER = "launchmatch-platform"
AUDIENCE = "launchmatch-recommendation-service"
LIFETIME_SECONDS = 60
CLOCK_SKEW_SECONDS = 10
LEAST_KEY_BYTES = 32

DEVELOPMENT_KEY_ID = "development"
DEVELOPMENT_KEY = "development-only-service-key-refused-in-production"
"""What both houses use when no key is set outside production."""


class Scope(StrEnum):
    """What the bearer may do.

    A `member` token names the person it speaks for in `sub`, and opens only what is theirs: their recommendations, the
    scores of their pairs, people for startups they own, and what is public to members (similar startups).
    """

    MEMBER = "member"
    PLATFORM = "platform"
    """The backend itself: refresh hints, and lists and scores of anybody for its own jobs."""
    OPERATOR = "operator"
    """An engineer: models, status, inspections, and everything else."""


class Claim(StrEnum):
    """Claims beyond the registered ones (`iss`, `aud`, `sub`, `iat`, `exp`)."""

    SCOPE = "scope"


SUBJECT_OF_PLATFORM = "platform"
"""`sub` of tokens that speak for no member."""


def require_usable_keys(keys: Mapping[str, str]) -> None:
    """Check keys by key id, of which the first signs.

    Raises:
        ValueError: If there is none, one has no id, or one is shorter than `LEAST_KEY_BYTES`.
    """
    if not keys:
        raise ValueError('at least one key is needed, written like {"2026-01": "48 random characters"}')
    for key_id, key in keys.items():
        if not key_id:
            raise ValueError("a key needs an id that is not empty")
        if len(key.encode()) < LEAST_KEY_BYTES:
            raise ValueError(f"the key {key_id!r} has {len(key.encode())} bytes; at least {LEAST_KEY_BYTES} are needed")
