"""Speaks to the recommendation service for an engineer: models, status, and what stands behind a list."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django.conf import settings

from contracts.api import (
    Activation,
    Inspection,
    ModelChange,
    Models,
    ModelValidation,
    Readiness,
    RecommendedPeople,
    Rollback,
    ServiceStatus,
    SimilarStartups,
)
from recommendations.service_tokens import operator_token
from recommendations.transport import Transport

OPERATOR_TIMEOUT_SECONDS = 30.0
"""Validating a version loads it, which takes longer than a page's list may."""


class OperatorClient:
    """Asks one recommendation service in the name of an engineer.

    Every call raises a `RecommendationServiceError` when there is no answer that keeps the contract by the deadline;
    what the service refuses is a `ServiceRefusedError` with its words.
    """

    def __init__(self, *, base_url: str, timeout_seconds: float = OPERATOR_TIMEOUT_SECONDS) -> None:
        self._transport = Transport(base_url=base_url, timeout_seconds=timeout_seconds)

    def models(self, *, operator_id: UUID) -> Models:
        """Every version, which is active, which serves."""
        return self._transport.get("/v1/models", Models, token=operator_token(operator_id))

    def status(self, *, operator_id: UUID) -> ServiceStatus:
        """What the service did since it started."""
        return self._transport.get("/v1/status", ServiceStatus, token=operator_token(operator_id))

    def readiness(self, *, operator_id: UUID) -> Readiness:
        """Whether it can answer now; a service that cannot is a `ServiceFailedError`."""
        return self._transport.get("/readyz", Readiness, token=operator_token(operator_id))

    def validate(self, *, operator_id: UUID, version: str) -> ModelValidation:
        """Whether a version could serve, proved by loading it."""
        return self._transport.post(
            f"/v1/models/{version}/validate",
            ModelValidation,
            token=operator_token(operator_id),
            body=None,
        )

    def activate(self, *, operator_id: UUID, version: str, reason: str, force: bool = False) -> ModelChange:
        """Let a version serve."""
        return self._transport.post(
            f"/v1/models/{version}/activate",
            ModelChange,
            token=operator_token(operator_id),
            body=Activation(reason=reason, force=force),
        )

    def rollback(self, *, operator_id: UUID, reason: str, active: str) -> ModelChange:
        """Return from the active version, empty for none, to the one that served before."""
        return self._transport.post(
            "/v1/models/rollback",
            ModelChange,
            token=operator_token(operator_id),
            body=Rollback(reason=reason, active=active),
        )

    def inspect(self, *, operator_id: UUID, user_id: UUID, limit: int) -> Inspection:
        """Everything behind one person's list."""
        return self._transport.get(
            f"/v1/users/{user_id}/inspection", Inspection, token=operator_token(operator_id), query={"limit": limit}
        )

    def similar(self, *, operator_id: UUID, startup_id: UUID, limit: int) -> SimilarStartups:
        """A startup's neighbours."""
        return self._transport.get(
            f"/v1/startups/{startup_id}/similar",
            SimilarStartups,
            token=operator_token(operator_id),
            query={"limit": limit},
        )

    def people(self, *, operator_id: UUID, startup_id: UUID, limit: int) -> RecommendedPeople:
        """A startup's people."""
        return self._transport.get(
            f"/v1/startups/{startup_id}/people",
            RecommendedPeople,
            token=operator_token(operator_id),
            query={"limit": limit},
        )


@lru_cache(maxsize=8)
def _client(base_url: str) -> OperatorClient:
    return OperatorClient(base_url=base_url)


def operator_client() -> OperatorClient:
    """The client of the service named in the settings, one per process."""
    return _client(settings.RECOMMENDATION_SERVICE_URL)
