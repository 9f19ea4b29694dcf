"""Where a member is logged in."""

from __future__ import annotations

from django.contrib.auth import HASH_SESSION_KEY
from django.utils import timezone

from accounts.models import MemberSession, User


def session_list_live(*, user: User) -> list[MemberSession]:
    """The sessions in which the member is logged in, the first to end first.

    Rows outlive their sessions until `clearsessions` runs: those that expired, and those that a new password ended.
    """
    proof = user.get_session_auth_hash()
    rows = user.sessions.filter(expire_date__gt=timezone.now()).order_by("expire_date")
    return [row for row in rows if row.get_decoded().get(HASH_SESSION_KEY) == proof]
