"""Changes what serves, through the recommendation service, and writes down who did it and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from accounts.models import User
from console.models import AuditAction, AuditOutcome
from console.services.audit import audit_record
from contracts.api import ModelChange, ModelValidation
from recommendations.errors import RecommendationServiceError, ServiceRefusedError
from recommendations.operator_client import operator_client

Told = TypeVar("Told")


def model_validate(*, actor: User, version: str) -> ModelValidation:
    """Let the service prove that a version could serve.

    Raises:
        RecommendationServiceError: If it does not answer, or refuses.
    """
    entry = _Entry(actor=actor, action=AuditAction.MODEL_VALIDATE, target=version)
    told = entry.ask(lambda: operator_client().validate(operator_id=actor.pk, version=version))
    entry.write(AuditOutcome.DONE if told.valid else AuditOutcome.REFUSED, told.problem or "it could serve")
    return told


def model_activate(*, actor: User, version: str, reason: str, force: bool = False) -> ModelChange:
    """Let a version serve.

    Args:
        actor: Who decides.
        version: Its name.
        reason: Why.
        force: Although its own training refused it.

    Raises:
        RecommendationServiceError: If the service refuses, and what serves stays; or if it does not answer.
    """
    entry = _Entry(actor=actor, action=AuditAction.MODEL_ACTIVATE, target=version, reason=reason)
    told = entry.ask(
        lambda: operator_client().activate(operator_id=actor.pk, version=version, reason=reason, force=force)
    )
    entry.write(AuditOutcome.DONE, _change(told) + (", although its training refused it" if force else ""))
    return told


def model_rollback(*, actor: User, reason: str, active: str) -> ModelChange:
    """Return to the version that was active before.

    Args:
        actor: Who decides.
        reason: Why.
        active: The version that they saw active, empty for none.

    Raises:
        RecommendationServiceError: If the service refuses, as where another is active by now, and what serves
            stays; or if it does not answer.
    """
    entry = _Entry(actor=actor, action=AuditAction.MODEL_ROLLBACK, target=active, reason=reason)
    told = entry.ask(lambda: operator_client().rollback(operator_id=actor.pk, reason=reason, active=active))
    entry.write(AuditOutcome.DONE, _change(told))
    return told


def _change(told: ModelChange) -> str:
    return f"{told.previous or 'no version'} -> {told.active or 'no version'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """The entry of the audit log that one action leaves, however it ends."""

    actor: User
    action: AuditAction
    target: str = ""
    reason: str = ""

    def ask(self, question: Callable[[], Told]) -> Told:
        """Ask the service; a refusal or a failure is written down and passed on."""
        try:
            return question()
        except ServiceRefusedError as error:
            self.write(AuditOutcome.REFUSED, str(error))
            raise
        except RecommendationServiceError as error:
            self.write(AuditOutcome.FAILED, f"{error.reason}{'; it may have been done' if error.leaves_open else ''}")
            raise

    def write(self, outcome: AuditOutcome, detail: str) -> None:
        """Write it."""
        audit_record(
            actor=self.actor,
            action=self.action,
            target=self.target,
            reason=self.reason,
            outcome=outcome,
            detail=detail,
        )
