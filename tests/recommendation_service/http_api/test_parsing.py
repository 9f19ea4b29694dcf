from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from recommendation_service.http_api.list_query import (
    parse_limit_only,
    parse_nothing,
)
from recommendation_service.http_api.parsing import InvalidRequestError, parse_id

SOME_ID = UUID("0f9d1f66-3c6e-4c0a-9f3e-6b1f6d2a7c11")
"""Fixed, so that every process of a parallel run collects the same tests."""


def limit_of(*values: str) -> int:
    return parse_limit_only(MultiDict([("limit", value) for value in values]))


@pytest.mark.parametrize(("values", "limit"), [((), 20), (("1",), 1), (("100",), 100), (("007",), 7)])
def test_limits_in_range(values: tuple[str, ...], limit: int) -> None:
    assert limit_of(*values) == limit


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "101",
        "-1",
        "1e9",
        "1000000000",
        "9" * 5000,
        "NaN",
        "null",
        "10.0",
        " 10",
        "1_0",
        "+5",
        "\u0663",
        "0x10",
    ],
)
def test_other_limits_are_refused_with_the_range(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="from 1 to 100, got "):
        limit_of(text)


def test_a_limit_given_twice_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="once, got it 2 times"):
        limit_of("1", "1")


def test_unknown_parameters_are_named() -> None:
    with pytest.raises(InvalidRequestError, match="unknown query parameter 'limt'; known here: limit"):
        parse_limit_only(MultiDict({"limt": "5"}))
    with pytest.raises(InvalidRequestError, match="unknown query parameter 'x'; none is known here"):
        parse_nothing(MultiDict({"x": ""}))


@given(st.uuids(), st.booleans())
def test_ids_in_the_usual_form_are_read(identity: UUID, upper: bool) -> None:
    assert parse_id(str(identity).upper() if upper else str(identity), "user") == identity


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        UUID("9f6383c0-b92c-4465-a2f3-44fa128d3167").hex,
        "{" + str(UUID("9f6383c0-b92c-4465-a2f3-44fa128d3167")) + "}",
        f"urn:uuid:{UUID('9f6383c0-b92c-4465-a2f3-44fa128d3167')}",
        f"{UUID('9f6383c0-b92c-4465-a2f3-44fa128d3167')}\n",
        f"{UUID('9f6383c0-b92c-4465-a2f3-44fa128d3167')}\x00",
        "\ud800" * 36,
        "\u0661" * 8 + "-1111-1111-1111-111111111111",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="the user id must be a UUID like"):
        parse_id(text, "user")


def message_of(call: Callable[[], object]) -> str | None:
    """What the refusal says, None if the call is not refused."""
    try:
        call()
    except InvalidRequestError as error:
        return str(error)
    return None


@given(st.text())
def test_any_text_is_an_id_or_refused_in_short_ascii(text: str) -> None:
    message = message_of(lambda: parse_id(text, "user"))
    assert message is None or (message.isascii() and len(message) < 800)


@given(st.text())
def test_any_text_is_a_limit_or_refused_in_short_ascii(text: str) -> None:
    message = message_of(lambda: limit_of(text))
    assert message is None or (message.isascii() and len(message) < 800)
