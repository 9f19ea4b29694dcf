"""An answer written once is, with another id, moment and cursor, what would be written anew."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.api import Reason, Recommendations, RecommendedStartup, Rung, Segment
from recommendation_service.services.written_answer import WrittenAnswer

MOMENTS = st.datetimes(timezones=st.just(UTC))
CURSORS = st.none() | st.from_regex(r"[A-Za-z0-9_-]{48}", fullmatch=True)
TEXTS = st.text() | st.sampled_from(['"generated_at":"', '"next_cursor":', '{"request_id":"', '\\"generated_at":"'])


def an_answer(text: str, request_id: UUID, moment: datetime, cursor: str | None) -> Recommendations:
    """With a text of anybody's wherever there can be one."""
    reason = Reason(kind=text, values=[text], text=text)
    return Recommendations(
        request_id=request_id,
        segment=Segment.WARM,
        rung=Rung.TWO_TOWER,
        engine=text,
        model_version=text,
        degraded=True,
        degraded_reason=text,
        exhausted=False,
        generated_at=moment,
        user_id=UUID(int=1),
        items=[RecommendedStartup(startup_id=UUID(int=2), rank=1, score=0.5, reasons=[reason])],
        next_cursor=cursor,
    )


@given(TEXTS, st.tuples(st.uuids(), MOMENTS, CURSORS), st.tuples(st.uuids(), MOMENTS, CURSORS))
def test_it_is_what_would_be_written_anew(
    text: str, before: tuple[UUID, datetime, str | None], now: tuple[UUID, datetime, str | None]
) -> None:
    written = WrittenAnswer.of(an_answer(text, *before))
    assert written.json(*now).decode() == an_answer(text, *now).model_dump_json()
