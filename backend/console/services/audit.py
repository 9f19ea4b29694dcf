"""Writes down what engineers do."""

from __future__ import annotations

from accounts.models import User
from config.records import validate_record
from console.models import AuditAction, AuditEntry, AuditOutcome


def audit_record(
    *,
    actor: User,
    action: AuditAction,
    outcome: AuditOutcome,
    target: str = "",
    reason: str = "",
    detail: str = "",
) -> AuditEntry:
    """Write one entry, for good.

    Raises:
        ValidationError: If a value does not fit.
    """
    entry = AuditEntry(
        actor=actor,
        actor_email=actor.email,
        action=action,
        outcome=outcome,
        target=target,
        reason=reason,
        detail=detail,
    )
    validate_record(entry)
    entry.save()
    return entry
