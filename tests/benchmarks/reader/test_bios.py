from __future__ import annotations

import numpy as np
import pytest
from reader.bios import named, read_bio, style_of

from contracts.taxonomy import SKILLS
from simulation.config import BehaviourConfig
from simulation.members import draw_member
from simulation.texts import member_bio, venture_description
from simulation.ventures import draw_venture


@pytest.mark.parametrize("seed", range(40))
def test_a_bio_tells_what_it_was_written_from(seed: int) -> None:
    rng = np.random.default_rng(seed)
    member = draw_member(100, BehaviourConfig(), rng)
    bio = read_bio(member_bio(member, rng))
    assert bio is not None
    assert bio.categories == tuple(interest.category for interest in member.interests)
    assert bio.fields == frozenset(member.interests[0].fields)
    assert bio.tags == frozenset(member.interests[0].tags[:2])
    assert bio.style == member.styles[0]


@pytest.mark.parametrize("seed", range(10))
def test_a_description_tells_the_style(seed: int) -> None:
    rng = np.random.default_rng(seed)
    venture = draw_venture(100, BehaviourConfig(), rng)
    assert style_of(venture_description("Acme", venture, rng)) == venture.style


def test_terms_are_found_as_whole_words_in_the_order_of_the_text() -> None:
    assert named(SKILLS, "You know UX design and Java, not JavaScripting.") == ("ux-design", "java")


def test_there_may_be_no_bio() -> None:
    assert read_bio("") is None


def test_texts_of_others_are_refused() -> None:
    with pytest.raises(ValueError, match="knows texts of the simulation only"):
        style_of("We sell boats.")
