from __future__ import annotations

from django.core.validators import validate_email
from hypothesis import given
from hypothesis import strategies as st

from imports.identity import identifier_of, placeholder_email


def test_the_same_record_has_the_same_key_everywhere() -> None:
    assert str(identifier_of("crunchbase", "user", "/person/x")) == "2915611c-364b-5df7-ae88-f3f4f4c92007"


def test_records_of_another_source_or_kind_have_other_keys() -> None:
    keys = {identifier_of(source, kind, "x") for source in "ab" for kind in ("user", "startup")}
    assert len(keys) == 4


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_placeholder_emails_are_valid_and_distinct(first: str, second: str) -> None:
    one, other = (placeholder_email(external_id, "example.invalid") for external_id in (first, second))
    validate_email(one)
    assert one == one.lower()
    assert (one == other) == (first == second)
