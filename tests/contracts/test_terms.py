from __future__ import annotations

import pytest

from contracts.terms import label_of


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("drug-discovery", "drug discovery"),
        ("games_video", "games video"),
        ("ai-robotics", "AI & robotics"),
        ("ai-safety", "AI safety"),
        ("b2b", "B2B"),
        ("Fintech", "Fintech"),
        ("日本", "日本"),
        ("", ""),
    ],
)
def test_terms_are_spelled_as_people_write_them(term: str, words: str) -> None:
    assert label_of(term) == words
