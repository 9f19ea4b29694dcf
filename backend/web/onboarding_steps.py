"""The few questions that a new member is asked, in the order and the words that fit what they came for."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One question.

    Attributes:
        slug: Its part of the address.
        asks: Which preferences it fills.
        title: The question.
        lead: What the answer is good for.
    """

    slug: str
    asks: tuple[str, ...]
    title: str
    lead: str


def _categories(title: str, lead: str = "Pick as many as you like. Your first recommendations start here.") -> Step:
    return Step(slug="categories", asks=("categories",), title=title, lead=lead)


def _topics(title: str, lead: str = "The most frequent in what you picked come first.") -> Step:
    return Step(slug="topics", asks=("fields", "tags"), title=title, lead=lead)


STEPS: dict[str, tuple[Step, ...]] = {
    Role.STUDENT: (
        Step(
            slug="skills",
            asks=("skills",),
            title="What do you want to use?",
            lead="Skills that you have or want to grow. Startups that look for them come first.",
        ),
        _categories("What would you like to work on?"),
        _topics("Anything closer to your heart?"),
    ),
    Role.INVESTOR: (
        _categories("Which markets do you back?"),
        Step(
            slug="stages",
            asks=("stages",),
            title="When do you come in?",
            lead="The stages at which you invest.",
        ),
        _topics("What is your thesis made of?"),
    ),
    Role.ENTREPRENEUR: (
        _categories(
            "Which markets are yours?", "Where you build, or what you would take on. Pick as many as you like."
        ),
        _topics("What is it about?"),
        Step(
            slug="skills",
            asks=("skills",),
            title="What do you bring?",
            lead="Skills that you want to use. They also help people and startups that fit to find you.",
        ),
    ),
}


def steps_for(role: str) -> tuple[Step, ...]:
    """The questions for a role."""
    return STEPS[role]
