"""Speaks to the recommendation service over HTTP."""

from __future__ import annotations

from functools import lru_cache
from time import monotonic
from typing import TypeVar
from uuid import UUID

import httpx
from django.conf import settings
from pydantic import BaseModel, ValidationError

from contracts.api import Recommendations, SimilarStartups
from recommendations.errors import (
    InvalidAnswerError,
    ServiceFailedError,
    ServiceTimeoutError,
    ServiceUnreachableError,
)

MAX_ANSWER_BYTES = 1 << 20

Answer = TypeVar("Answer", bound=BaseModel)


class RecommendationClient:
    """Asks one recommendation service; safe to share between threads.

    Every call raises a `RecommendationServiceError` when there is no answer that keeps the contract by the deadline.
    """

    def __init__(self, *, base_url: str, timeout_seconds: float) -> None:
        self._base_url = base_url
        self._timeout_seconds = timeout_seconds
        self._http = httpx.Client(base_url=base_url, timeout=timeout_seconds, trust_env=False)

    def recommendations(self, *, user_id: UUID, limit: int) -> Recommendations:
        """Startups for one person, best first."""
        answer = self._ask(f"/v1/users/{user_id}/recommendations", limit=limit, answer_type=Recommendations)
        if answer.user_id != user_id:
            raise InvalidAnswerError(f"asked about person {user_id}, {self._base_url} answered about {answer.user_id}")
        return answer

    def similar(self, *, startup_id: UUID, limit: int) -> SimilarStartups:
        """Startups like one startup, most alike first."""
        answer = self._ask(f"/v1/startups/{startup_id}/similar", limit=limit, answer_type=SimilarStartups)
        if answer.startup_id != startup_id:
            raise InvalidAnswerError(
                f"asked about startup {startup_id}, {self._base_url} answered about {answer.startup_id}"
            )
        return answer

    def _ask(self, path: str, *, limit: int, answer_type: type[Answer]) -> Answer:
        try:
            body = self._read(path, limit=limit)
        except httpx.TimeoutException as error:
            raise self._timeout() from error
        except httpx.DecodingError as error:
            raise InvalidAnswerError(f"{self._base_url}{path} sent an undecodable body: {error}") from error
        except httpx.TransportError as error:
            raise ServiceUnreachableError(f"no answer from {self._base_url}: {error}") from error
        try:
            return answer_type.model_validate_json(body)
        except ValidationError as error:
            raise InvalidAnswerError(
                f"{self._base_url}{path} broke the contract of {answer_type.__name__} in {error.error_count()} places"
            ) from error

    def _read(self, path: str, *, limit: int) -> bytes:
        """The body, read piece by piece: a service that trickles must not outlast the deadline."""
        deadline = monotonic() + self._timeout_seconds
        body = bytearray()
        with self._http.stream("GET", path, params={"limit": limit}) as response:
            if response.status_code != httpx.codes.OK:
                raise ServiceFailedError(f"{self._base_url}{path} answered {response.status_code}")
            for piece in response.iter_bytes():
                body += piece
                if monotonic() > deadline:
                    raise self._timeout()
                if len(body) > MAX_ANSWER_BYTES:
                    raise InvalidAnswerError(f"{self._base_url}{path} sent more than {MAX_ANSWER_BYTES} bytes")
        return bytes(body)

    def _timeout(self) -> ServiceTimeoutError:
        return ServiceTimeoutError(f"no whole answer from {self._base_url} within {self._timeout_seconds:g} s")


def recommendation_client() -> RecommendationClient:
    """The client of the service named in the settings, one per process."""
    return _client(settings.RECOMMENDATION_SERVICE_URL, settings.RECOMMENDATION_SERVICE_TIMEOUT_SECONDS)


@lru_cache(maxsize=8)
def _client(base_url: str, timeout_seconds: float) -> RecommendationClient:
    return RecommendationClient(base_url=base_url, timeout_seconds=timeout_seconds)
