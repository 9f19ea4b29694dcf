"""What the recommendation service says of itself, or why it says nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from recommendations.errors import RecommendationServiceError, ServiceRefusedError

logger = logging.getLogger(__name__)

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[Told]):
    """An answer of the service, or the reason why there is none, which a page shows in its place.

    Attributes:
        value: The answer.
        problem: Why there is none, in one phrase.
    """

    value: Told | None = None
    problem: str | None = None


def ask(question: Callable[[], Told]) -> Answer[Told]:
    """Ask the service; whatever goes wrong becomes a sentence on the page, and a line in the log."""
    try:
        return Answer(value=question())
    except ServiceRefusedError as error:
        return Answer(problem=f"The recommendation service refused: {error}")
    except RecommendationServiceError as error:
        logger.warning("the console goes without an answer (%s): %s", error.reason, error)
        return Answer(problem=f"{error.reason.capitalize()}.")
