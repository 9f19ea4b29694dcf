"""What the recommendation service says of itself, or why it says nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.conf import settings

from recommendations.errors import RecommendationServiceError, ServiceRefusedError
from recommendations.operator_client import OperatorClient

logger = logging.getLogger(__name__)

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[Told]):
    """An answer of the service, or the reason why there is none, which a page shows in its place.

    Attributes:
        value: The answer.
        problem: Why there is none, in one sentence.
        silent: Nobody answered, so that asking on is of no use.
    """

    value: Told | None = None
    problem: str | None = None
    silent: bool = False


def ask(question: Callable[[], Told], *, unless_silent: Answer[Any] | None = None) -> Answer[Told]:
    """Ask the service; whatever goes wrong becomes a sentence on the page, and a line in the log.

    Args:
        question: A call of the client.
        unless_silent: An earlier answer: when the service was silent then, it is not waited for again.
    """
    if unless_silent is not None and unless_silent.silent:
        return Answer(problem=unless_silent.problem, silent=True)
    try:
        return Answer(value=question())
    except ServiceRefusedError as error:
        return Answer(problem=f"The recommendation service refused: {error}")
    except RecommendationServiceError as error:
        logger.warning("the console goes without an answer (%s): %s", error.reason, error)
        return Answer(problem=f"{error.reason[:1].upper()}{error.reason[1:]}.", silent=True)


def page_client() -> OperatorClient:
    """The client for what a page shows: it waits no longer than a member's page would."""
    return _client(settings.RECOMMENDATION_SERVICE_URL, settings.RECOMMENDATION_SERVICE_TIMEOUT_SECONDS)


@lru_cache(maxsize=8)
def _client(base_url: str, timeout_seconds: float) -> OperatorClient:
    return OperatorClient(base_url=base_url, timeout_seconds=timeout_seconds)
