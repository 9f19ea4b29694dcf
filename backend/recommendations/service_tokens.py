"""Signs what the platform asks of the recommendation service, so that no member can read another's list through it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from django.conf import settings

from contracts.access import ALGORITHM, AUDIENCE, ISSUER, LIFETIME_SECONDS, SUBJECT_OF_PLATFORM, Claim, Scope


def member_token(user_id: UUID) -> str:
    """A token that opens what is this member's."""
    return _signed(Scope.MEMBER, str(user_id))


def platform_token() -> str:
    """A token for the platform's own jobs."""
    return _signed(Scope.PLATFORM, SUBJECT_OF_PLATFORM)


def operator_token(user_id: UUID) -> str:
    """A token for an engineer, named by who asks."""
    return _signed(Scope.OPERATOR, str(user_id))


def _signed(scope: Scope, subject: str) -> str:
    """Signed with the first of the keys, which the service must know."""
    key_id, key = next(iter(settings.RECOMMENDATION_SERVICE_KEYS.items()))
    now = datetime.now(tz=UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "iat": now,
        "exp": now + timedelta(seconds=LIFETIME_SECONDS),
        Claim.SCOPE.value: scope.value,
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": key_id})
