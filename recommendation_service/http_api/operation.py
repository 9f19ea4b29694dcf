"""One method of one route: who may ask, with which parameters and body, and what every answer means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from contracts.access import Scope


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
                422: "The id, a parameter or the body is not valid; the detail says what is allowed.",
                429: "This caller asks too often; Retry-After says when to come back.",
            }
        if self.body is not None:
            found |= {
                400: "The body is not JSON, is nested too deeply, or names a key twice.",
                408: "The body did not come in time.",
                413: "The body is too large.",
                415: "The body is not declared as application/json.",
            }
        if not self.always_admitted:
            found[503] = "Too many requests wait, or nothing could be read yet; Retry-After says when to come back."
        return dict(sorted({**found, **self.own_problems}.items()))
