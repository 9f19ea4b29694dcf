"""Speaks to the recommendation service over HTTP, for members and for the platform's own jobs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from accounts.models import Role
from contracts.api import (
    MAX_EXCLUDED,
    MAX_EXCLUDED_PEOPLE,
    MAX_HINTED_STARTUPS,
    MAX_PAIRS,
    Pair,
    PairScores,
    PairsToScore,
    PeopleQuestion,
    Recommendations,
    RecommendedPeople,
    RefreshAccepted,
    RefreshHint,
    SimilarStartups,
    StartupFilters,
)
from recommendations.errors import InvalidAnswerError
from recommendations.fail_fast import FailFast
from recommendations.service_tokens import member_token, platform_token
from recommendations.transport import Transport

_Query = dict[str, str | int | bool | Sequence[str]]


class RecommendationClient:
    """Asks one recommendation service; safe to share between threads.

    Every call raises a `RecommendationServiceError` when there is no answer that keeps the contract by the deadline.
    """

    def __init__(self, *, base_url: str, timeout_seconds: float, retry_seconds: float) -> None:
        """Prepare to ask; no connection is opened yet.

        Args:
            base_url: Where the service listens.
            timeout_seconds: The longest a call takes.
            retry_seconds: How long a service that did not answer is left alone before one call tries it again.
        """
        fail_fast = FailFast(retry_seconds=retry_seconds)
        self._transport = Transport(base_url=base_url, timeout_seconds=timeout_seconds, fail_fast=fail_fast)

    def recommendations(
        self, *, user_id: UUID, limit: int, filters: StartupFilters | None = None, exclude: Sequence[UUID] = ()
    ) -> Recommendations:
        """Startups for one person, best first.

        Args:
            user_id: For whom.
            limit: Places, at most `MAX_LIMIT`.
            filters: What the list is drawn from.
            exclude: Startups that must not be in it; the first `MAX_EXCLUDED` are told to the service.
        """
        query: _Query = {"limit": limit, **_filter_query(filters), **_exclude_query(exclude)}
        return self._recommendations(user_id, query)

    def next_page(self, *, user_id: UUID, cursor: str, limit: int) -> Recommendations:
        """More of a list that an earlier answer began.

        Raises:
            ServiceRefusedError: With status 410 if the list is no longer kept; begin a new one.
        """
        return self._recommendations(user_id, {"cursor": cursor, "limit": limit})

    def similar(
        self,
        *,
        startup_id: UUID,
        user_id: UUID,
        limit: int,
        filters: StartupFilters | None = None,
        exclude: Sequence[UUID] = (),
    ) -> SimilarStartups:
        """Startups like one startup, most alike first; the member only limits how often, all get the same."""
        answer = self._transport.get(
            f"/v1/startups/{startup_id}/similar",
            SimilarStartups,
            token=member_token(user_id),
            query={"limit": limit, **_filter_query(filters), **_exclude_query(exclude)},
        )
        _require_about(startup_id, answer.startup_id, "startup")
        return answer

    def people(
        self,
        *,
        startup_id: UUID,
        owner_id: UUID,
        limit: int,
        role: Role | None = None,
        exclude: Sequence[UUID] = (),
    ) -> RecommendedPeople:
        """People for a startup, for its owner.

        Args:
            startup_id: Theirs.
            owner_id: Who asks.
            limit: Places, at most `MAX_LIMIT`.
            role: Only people of this role.
            exclude: Members who must not be in it; the first `MAX_EXCLUDED_PEOPLE` are told to the service.

        Raises:
            ServiceRefusedError: With status 404 if the startup is not theirs, or not open.
        """
        question = PeopleQuestion(limit=limit, role=role, exclude=list(exclude[:MAX_EXCLUDED_PEOPLE]))
        answer = self._transport.post(
            f"/v1/startups/{startup_id}/people", RecommendedPeople, token=member_token(owner_id), body=question
        )
        _require_about(startup_id, answer.startup_id, "startup")
        return answer

    def scores(self, *, user_id: UUID, startup_ids: Sequence[UUID]) -> dict[UUID, float]:
        """What the engines think of startups for one person; who cannot be scored is left out.

        Args:
            startup_ids: The first `MAX_PAIRS` are asked about, at least one.
        """
        pairs = [Pair(user_id=user_id, startup_id=startup_id) for startup_id in startup_ids[:MAX_PAIRS]]
        answer = self._transport.post(
            "/v1/scores", PairScores, token=member_token(user_id), body=PairsToScore(pairs=pairs)
        )
        return {pair.startup_id: pair.score for pair in answer.scores if pair.score is not None}

    def refresh(self, *, startup_ids: Sequence[UUID] = ()) -> None:
        """Hint that startups changed, so that the change shows at once."""
        hint = RefreshHint(startup_ids=list(startup_ids[:MAX_HINTED_STARTUPS]))
        self._transport.post("/v1/refresh", RefreshAccepted, token=platform_token(), body=hint)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._transport.close()

    def _recommendations(self, user_id: UUID, query: _Query) -> Recommendations:
        answer = self._transport.get(
            f"/v1/users/{user_id}/recommendations", Recommendations, token=member_token(user_id), query=query
        )
        _require_about(user_id, answer.user_id, "person")
        return answer


def recommendation_client() -> RecommendationClient:
    """The client of the service named in the settings, one per process."""
    return _client(
        settings.RECOMMENDATION_SERVICE_URL,
        settings.RECOMMENDATION_SERVICE_TIMEOUT_SECONDS,
        settings.RECOMMENDATION_SERVICE_RETRY_SECONDS,
    )


@lru_cache(maxsize=8)
def _client(base_url: str, timeout_seconds: float, retry_seconds: float) -> RecommendationClient:
    return RecommendationClient(base_url=base_url, timeout_seconds=timeout_seconds, retry_seconds=retry_seconds)


def _filter_query(filters: StartupFilters | None) -> dict[str, str]:
    """The filters that are set; truth is written `true` and `false`, a moment in ISO 8601."""
    if filters is None:
        return {}
    set_ones = filters.model_dump(mode="json", exclude_none=True)
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in set_ones.items()}


def _exclude_query(exclude: Sequence[UUID]) -> dict[str, list[str]]:
    return {"exclude": [str(startup_id) for startup_id in exclude[:MAX_EXCLUDED]]} if exclude else {}


def _require_about(asked: UUID, answered: UUID, what: str) -> None:
    if asked != answered:
        raise InvalidAnswerError(f"asked about {what} {asked}, the service answered about {answered}")
