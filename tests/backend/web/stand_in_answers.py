"""A recommendation service that has an answer for everything a page asks, made of planted records and texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel

from contracts.api import (
    Inspection,
    Reason,
    Recommendations,
    RecommendedPeople,
    RecommendedPerson,
    RecommendedStartup,
    RungInspection,
    SimilarStartups,
)


def behaviour(startup_ids: list[UUID], user_ids: list[UUID], words: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer lists of these startups and people, with reasons in these words; 503 to everything else."""
    why = [Reason(kind="shared_category", values=[words], text=words)]
    places = [
        RecommendedStartup(startup_id=key, rank=rank, score=1 / rank, reasons=why)
        for rank, key in enumerate(startup_ids, start=1)
    ]
    people = [
        RecommendedPerson(user_id=key, rank=rank, score=1 / rank, mutual_score=0.5, reasons=why)
        for rank, key in enumerate(user_ids, start=1)
    ]
    frame: dict[str, Any] = {
        "segment": "warm",
        "rung": "two_tower",
        "engine": "two_tower",
        "model_version": "two_tower_v1",
        "degraded": True,
        "degraded_reason": words,
        "exhausted": False,
    }

    def message(path: str, key: str) -> BaseModel | None:
        now = {"request_id": uuid4(), "generated_at": datetime.now(tz=UTC)}
        if path == "recommendations":
            return Recommendations(user_id=key, items=places, **frame, **now)
        if path == "similar":
            return SimilarStartups(startup_id=key, items=places, **frame, **now)
        if path == "people":
            return RecommendedPeople(startup_id=key, items=people, **frame, **now)
        if path == "inspection":
            rung = RungInspection(rung="two_tower", engine="x", model_version=None, problem=words, items=places)
            return Inspection(
                user_id=key, segment="warm", route=["two_tower"], rungs=[rung], withheld=[], history=[], **now
            )
        return None

    def behave(handler: BaseHTTPRequestHandler) -> None:
        found = re.match(r"/v1/(?:users|startups)/([^/]+)/(\w+)", handler.path)
        answer = message(found[2], found[1]) if found else None
        body = answer.model_dump_json().encode() if answer else b"not now"
        handler.send_response(200 if answer else 503)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave
