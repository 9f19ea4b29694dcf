from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from recommendations.embedding_texts import MAX_CHARACTERS, startup_text, user_text

pytestmark = pytest.mark.django_db


def test_a_person_is_what_they_look_for_can_do_and_say(make_user: Any) -> None:
    user = make_user(
        name="Mina Member",
        role="student",
        profile={"bio": "I build  payment\nsystems.", "skills": ["python", "sql"]},
        preferences={"categories": ["fintech"], "fields": ["payments"], "tags": ["b2b"], "skills": ["sql", "rust"]},
    )
    assert user_text(user) == (
        "Looking for: fintech, payments, b2b. Skills: python, sql, rust. I build payment systems"
    )


def test_only_an_investor_is_known_by_name(make_user: Any) -> None:
    assert user_text(make_user(name="Seedcorn Biotech Partners", role="investor")) == "Seedcorn Biotech Partners"
    assert user_text(make_user(name="Mina Member", role="entrepreneur")) == ""


def test_a_person_without_profile_or_preferences_says_nothing() -> None:
    assert user_text(User(role="student")) == ""


def test_a_startup_is_its_title_facets_open_positions_and_description(make_startup: Any) -> None:
    startup = make_startup(
        title="Ledgerleaf.",
        category="fintech",
        field="",
        tags=["b2b", "fintech"],
        description="Books for banks.",
        positions=["Engineer", "Designer"],
    )
    startup.positions.filter(title="Designer").update(is_active=False)
    assert startup_text(startup) == "Ledgerleaf. fintech, b2b. Positions: Engineer. Books for banks"


def test_a_long_description_is_cut_and_the_facets_stay(make_startup: Any) -> None:
    text = startup_text(make_startup(title="Ledgerleaf", category="fintech", description="word " * 4000))
    assert len(text) == MAX_CHARACTERS
    assert text.startswith("Ledgerleaf. fintech")
