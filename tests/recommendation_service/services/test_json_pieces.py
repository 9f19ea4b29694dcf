from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from contracts.api import BatchLine, Reason, Recommendations, RecommendedStartup, Rung, Segment
from recommendation_service.engines.types import Catalogue, StartupRecord
from recommendation_service.services.json_pieces import LineFrame, places_json

NOW = datetime(2025, 6, 1, tzinfo=UTC)
IDS = [str(UUID(int=number)) for number in range(1, 5)]
CATALOGUE = Catalogue(startups=[StartupRecord(id=identity, opened_at=NOW) for identity in IDS])
WHY = Reason(kind="close_to", values=[IDS[0]], text='Close to "Ünïcode \\ & co", which you liked')


def line(user_id: UUID, items: list[RecommendedStartup], reason: str | None = None) -> BatchLine:
    recommendations = Recommendations(
        request_id=UUID(int=9),
        segment=Segment.HOT,
        rung=Rung.TWO_TOWER,
        engine="two_tower",
        model_version="two_tower_v1",
        degraded=reason is not None,
        degraded_reason=reason,
        exhausted=False,
        generated_at=NOW,
        user_id=user_id,
        items=items,
    )
    return BatchLine(user_id=user_id, recommendations=recommendations)


@pytest.mark.parametrize("score", [0.0, -0.0, 1.5, -3.4028234663852886e38, 1.1754943508222875e-38, 0.1])
@pytest.mark.parametrize("reasons", [[], [WHY], [WHY, WHY]])
@pytest.mark.parametrize("problem", [None, 'the "items":[] of "user_id"', f'"{UUID(int=1)}" failed'])
def test_a_line_from_pieces_says_what_the_contract_says(
    score: float, reasons: list[Reason], problem: str | None
) -> None:
    frame = LineFrame.of(line(UUID(int=1), [], problem))
    other = uuid4()
    items = [
        RecommendedStartup(startup_id=UUID(IDS[2]), rank=1, score=score, reasons=reasons),
        RecommendedStartup(startup_id=UUID(IDS[0]), rank=2, score=-1.0, reasons=[]),
    ]
    written = frame.line(other, places_json(CATALOGUE, [2, 0], [score, -1.0], [reasons, []]))
    assert BatchLine.model_validate_json(written) == line(other, items, problem)


def test_a_list_may_be_empty() -> None:
    frame = LineFrame.of(line(UUID(int=1), []))
    assert frame.line(UUID(int=1), places_json(CATALOGUE, [], [], [])) == line(UUID(int=1), []).model_dump_json()
