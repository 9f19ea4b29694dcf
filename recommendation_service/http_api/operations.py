"""What the API offers, route by route: who may ask, with which parameters and body, and what every answer means.

The OpenAPI document is made from this table; a test holds it equal to the routes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from contracts.access import Scope
from contracts.api import (
    BatchLine,
    BatchRequest,
    Health,
    Inspection,
    Models,
    PairScores,
    PairsToScore,
    Readiness,
    Recommendations,
    ServiceStatus,
    SimilarStartups,
)
from recommendation_service.http_api.operation_parameters import (
    CURSOR,
    EXCLUDE_STARTUPS,
    EXPLAIN,
    FILTER_PARAMETERS,
    LIMIT,
    path_id,
)

_MEMBERS = (Scope.MEMBER, Scope.PLATFORM, Scope.OPERATOR)
_PLATFORM = (Scope.PLATFORM, Scope.OPERATOR)
_OPERATORS = (Scope.OPERATOR,)
_NO_USER = "There is no such user; or, for a member, it is somebody else."
_NO_STARTUP = "There is no such startup, or it is not open."
_NOT_VALID = "The id, a parameter or the body is not valid; the detail says what is allowed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one route.

    Attributes:
        scopes: Who may ask; empty for everybody, without a token.
        answers: The type of each good answer by status; None for text.
        meanings: What each of these statuses means.
        own_problems: What else may happen, by status, beyond what may happen to any request of its kind.
        always_admitted: Whether it is answered even while requests are turned away.
    """

    method: str
    path: str
    name: str
    summary: str
    description: str
    answers: Mapping[int, type[BaseModel] | None]
    meanings: Mapping[int, str]
    scopes: Sequence[Scope] = ()
    parameters: Sequence[Mapping[str, Any]] = ()
    body: type[BaseModel] | None = None
    body_required: bool = True
    own_problems: Mapping[int, str] = field(default_factory=dict)
    media_type: str = "application/json"
    always_admitted: bool = False

    @property
    def problems(self) -> Mapping[int, str]:
        """Every status that answers with a problem, and what it means."""
        found = {414: "The address is too long.", 431: "The headers are too long."}
        if self.scopes:
            found |= {
                401: "There is no token, or it is not valid.",
                403: "The token's scope does not open this route.",
                422: _NOT_VALID,
                429: "This caller asks too often; Retry-After says when to come back.",
            }
        if self.body is not None:
            found |= {
                400: "The body is not JSON, is nested too deeply, or names a key twice.",
                413: "The body is too large.",
                415: "The body is not declared as application/json.",
            }
        if not self.always_admitted:
            found[503] = "Too many requests wait, or nothing could be read yet; Retry-After says when to come back."
        return dict(sorted({**found, **self.own_problems}.items()))


OPERATIONS: Sequence[Operation] = (
    Operation(
        method="get",
        path="/v1/users/{user_id}/recommendations",
        name="recommend",
        summary="Startups for a person, best first.",
        description="Whatever the person owns or already did anything to is never among them. All pages of one list "
        "carry one request id, count ranks on, and neither repeat nor skip; what has gone in the meantime is left out.",
        scopes=_MEMBERS,
        parameters=[path_id("user_id"), LIMIT, CURSOR, *FILTER_PARAMETERS, EXCLUDE_STARTUPS, EXPLAIN],
        answers={200: Recommendations},
        meanings={200: "The list, with what made it and whether it is degraded."},
        own_problems={404: _NO_USER, 410: "The cursor's list is no longer kept; begin anew without a cursor."},
    ),
    Operation(
        method="get",
        path="/v1/startups/{startup_id}/similar",
        name="similar",
        summary="Open startups like an open one, most alike first.",
        description="By what they say of themselves: half the closeness of their texts, half the facets they share.",
        scopes=_MEMBERS,
        parameters=[path_id("startup_id"), LIMIT, *FILTER_PARAMETERS, EXCLUDE_STARTUPS, EXPLAIN],
        answers={200: SimilarStartups},
        meanings={200: "The list."},
        own_problems={404: _NO_STARTUP},
    ),
    Operation(
        method="post",
        path="/v1/scores",
        name="score_pairs",
        summary="What the engines think of pairs of a person and a startup.",
        description="A member may ask about themselves alone. Scores compare startups of one person, not people.",
        scopes=_MEMBERS,
        body=PairsToScore,
        answers={200: PairScores},
        meanings={200: "A score for each pair, in order; or why there is none."},
        own_problems={404: _NO_USER},
    ),
    Operation(
        method="post",
        path="/v1/batch/recommendations",
        name="recommend_many",
        summary="Lists for many people at once.",
        description="The answer is a stream of JSON Lines, one for each person in the order asked for; a person that "
        "does not exist is a line with a problem.",
        scopes=_PLATFORM,
        body=BatchRequest,
        answers={200: BatchLine},
        meanings={200: "Lines, each a BatchLine."},
        media_type="application/x-ndjson",
    ),
    Operation(
        method="get",
        path="/v1/models",
        name="models",
        summary="Learned models: which there are, which is active, which serves.",
        description="A version that cannot serve says why.",
        scopes=_OPERATORS,
        answers={200: Models},
        meanings={200: "The registry as the service sees it."},
    ),
    Operation(
        method="get",
        path="/v1/users/{user_id}/inspection",
        name="inspect",
        summary="Everything behind a person's list.",
        description="What each rung would show them with scores and reasons, what rules withhold, and their history.",
        scopes=_OPERATORS,
        parameters=[path_id("user_id"), LIMIT],
        answers={200: Inspection},
        meanings={200: "The inspection."},
        own_problems={404: "There is no such user."},
    ),
    Operation(
        method="get",
        path="/v1/status",
        name="status",
        summary="What this worker did since it started.",
        description="Answers by rung, responses by class, latencies by endpoint and stage, circuit breakers, problems.",
        scopes=_OPERATORS,
        answers={200: ServiceStatus},
        meanings={200: "The figures of the worker that answered."},
    ),
    Operation(
        method="get",
        path="/metrics",
        name="metrics",
        summary="The same for Prometheus.",
        description="In the text format of Prometheus.",
        answers={200: None},
        meanings={200: "The figures of the worker that answered."},
        media_type="text/plain",
        always_admitted=True,
    ),
    Operation(
        method="get",
        path="/healthz",
        name="health",
        summary="The process is alive.",
        description="Nothing else is looked at.",
        answers={200: Health},
        meanings={200: "Alive."},
        always_admitted=True,
    ),
    Operation(
        method="get",
        path="/readyz",
        name="readiness",
        summary="Whether the service can answer, and on which rung.",
        description="Ready is who has a catalogue, be it with a learned model or on an honest fallback.",
        answers={200: Readiness, 503: Readiness},
        meanings={200: "It can.", 503: "It cannot yet; `problems` says why."},
        always_admitted=True,
    ),
    Operation(
        method="get",
        path="/openapi.json",
        name="openapi",
        summary="This document.",
        description="OpenAPI 3.1, generated from the types that the routes answer with.",
        answers={200: None},
        meanings={200: "The document."},
    ),
)
