"""What can go wrong between the platform and the recommendation service."""

from __future__ import annotations

from typing import ClassVar

from config.errors import PlatformError


class RecommendationServiceError(PlatformError):
    """The recommendation service gave no usable answer.

    Attributes:
        reason: Why, in one short phrase, for people who read the answer that stands in.
        leaves_open: Whether what was asked for may have been done, or be done yet, all the same.
    """

    reason: ClassVar[str] = "the recommendation service failed"
    leaves_open: ClassVar[bool] = False


class ServiceUnreachableError(RecommendationServiceError):
    """Nobody answered at its address."""

    reason = "the recommendation service is unreachable"


class ServiceTimeoutError(RecommendationServiceError):
    """No whole answer came by the deadline."""

    reason = "the recommendation service did not answer in time"
    leaves_open = True


class ServiceFailedError(RecommendationServiceError):
    """It answered with an error."""

    reason = "the recommendation service answered with an error"


class ServiceRefusedError(ServiceFailedError):
    """It refused what was asked, and said why.

    Attributes:
        status: The HTTP status, 4xx.
    """

    reason = "the recommendation service refused the request"

    def __init__(self, detail: str, *, status: int) -> None:
        super().__init__(detail)
        self.status = status


class InvalidAnswerError(RecommendationServiceError):
    """Its answer breaks the contract."""

    reason = "the recommendation service gave an invalid answer"
    leaves_open = True


class ListGoneError(PlatformError):
    """A list cannot be continued; a new one can be begun.

    Attributes:
        reason: Why, in one short phrase.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the list cannot be continued: {reason}")
        self.reason = reason


class UnknownBeliefError(PlatformError):
    """There is no such kind of thing to take away."""
