"""One request to the recommendation service: signed, bounded in time and size, its answer checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from time import monotonic
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from contracts.api import Problem
from recommendations.errors import (
    InvalidAnswerError,
    ServiceFailedError,
    ServiceRefusedError,
    ServiceTimeoutError,
    ServiceUnreachableError,
)
from recommendations.fail_fast import FailFast

MAX_ANSWER_BYTES = 4 << 20

Answer = TypeVar("Answer", bound=BaseModel)
_Guard = Callable[[], AbstractContextManager[None]]
Query = Mapping[str, str | int | bool | Sequence[str]]


class Transport:
    """Asks one recommendation service over connections that are kept open; safe to share between threads."""

    def __init__(self, *, base_url: str, timeout_seconds: float, fail_fast: FailFast | None = None) -> None:
        """Prepare to ask; no connection is opened yet.

        Args:
            base_url: Where the service listens.
            timeout_seconds: The longest a call takes.
            fail_fast: Refuses calls while the service is down; by default every call is tried.
        """
        self._base_url = base_url
        self._timeout_seconds = timeout_seconds
        self._guarded: _Guard = nullcontext if fail_fast is None else fail_fast.guard
        self._http = httpx.Client(base_url=base_url, timeout=timeout_seconds, trust_env=False)

    def get(self, path: str, answer_type: type[Answer], *, token: str, query: Query | None = None) -> Answer:
        """The answer to a GET.

        Raises:
            RecommendationServiceError: If there is no answer that keeps the contract by the deadline.
        """
        return self._ask("GET", path, answer_type, token=token, query=query)

    def post(self, path: str, answer_type: type[Answer], *, token: str, body: BaseModel | None) -> Answer:
        """The answer to a POST.

        Raises:
            RecommendationServiceError: If there is no answer that keeps the contract by the deadline.
        """
        return self._ask("POST", path, answer_type, token=token, body=None if body is None else body.model_dump_json())

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._http.close()

    def _ask(
        self,
        method: str,
        path: str,
        answer_type: type[Answer],
        *,
        token: str,
        query: Query | None = None,
        body: str | None = None,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = self._http.build_request(method, path, params=dict(query or {}), content=body, headers=headers)
        with self._guarded():
            answer = self._answer_to(request, path)
        try:
            return answer_type.model_validate_json(answer)
        except ValidationError as error:
            raise InvalidAnswerError(
                f"{self._base_url}{path} broke the contract of {answer_type.__name__} in {error.error_count()} places"
            ) from error

    def _answer_to(self, request: httpx.Request, path: str) -> bytes:
        try:
            return self._read(request, path)
        except httpx.TimeoutException as error:
            raise self._timeout() from error
        except httpx.DecodingError as error:
            raise InvalidAnswerError(f"{self._base_url}{path} sent an undecodable body: {error}") from error
        except httpx.TransportError as error:
            raise ServiceUnreachableError(f"no answer from {self._base_url}: {error}") from error

    def _read(self, request: httpx.Request, path: str) -> bytes:
        """The body, read piece by piece: a service that trickles must not outlast the deadline."""
        deadline = monotonic() + self._timeout_seconds
        body = bytearray()
        response = self._http.send(request, stream=True)
        try:
            for piece in response.iter_bytes():
                body += piece
                if monotonic() > deadline:
                    raise self._timeout()
                if len(body) > MAX_ANSWER_BYTES:
                    raise InvalidAnswerError(f"{self._base_url}{path} sent more than {MAX_ANSWER_BYTES} bytes")
        finally:
            response.close()
        if not response.is_success:
            raise self._failure(response.status_code, path, bytes(body))
        return bytes(body)

    def _failure(self, status: int, path: str, body: bytes) -> ServiceFailedError:
        """A refusal says why, and keeps its words for who asked; what the service could not do is its own affair."""
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return ServiceFailedError(f"{self._base_url}{path} answered {status}")
        try:
            detail = Problem.model_validate_json(body).detail
        except ValidationError:
            detail = f"{self._base_url}{path} answered {status}"
        return ServiceRefusedError(detail, status=status)

    def _timeout(self) -> ServiceTimeoutError:
        return ServiceTimeoutError(f"no whole answer from {self._base_url} within {self._timeout_seconds:g} s")
