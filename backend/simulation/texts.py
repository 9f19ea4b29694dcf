"""What members and startups write about themselves: sentences drawn from templates over what they truly are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from accounts.models import Role
from contracts.taxonomy import PositionTerms
from contracts.terms import label_of
from simulation.draws import choose, sample
from simulation.members import Member
from simulation.ventures import Venture
from startups.models import Phase, StartupType

_ABOUT = (
    "{name} builds {field} products for people who are tired of waiting.",
    "{name} is a {category} startup working on {field}.",
    "At {name} we rethink {field} from the ground up.",
    "{name} makes {field} simple, so that small teams can afford it.",
    "We started {name} to bring fresh ideas to {field}.",
    "{name}: {field} for everyone who depends on {category} every day.",
)
_WITH = (
    "Our product brings together {tags}.",
    "We focus on {tags}.",
    "Think {tags}, in one place.",
    "The heart of it is {tags}.",
    "Customers come to us for {tags}.",
)
STYLE_SENTENCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "mission-driven": ("We measure success by the good we do.", "Profit follows purpose here, not the other way."),
        "deep-tech": ("Years of research and several patents stand behind it.", "The science is hard, and it is ours."),
        "community-built": ("Our community writes half of the roadmap.", "Volunteers on four continents shape it."),
        "design-led": ("Every pixel and every word is deliberate.", "Design comes first, then everything else."),
        "fast-growing": ("Revenue doubles every quarter.", "We grow fast and hire faster."),
        "frugal": ("We run lean and pay our own way.", "Small team, no waste, profitable soon."),
    }
)
_PHASE: Mapping[Phase, tuple[str, ...]] = MappingProxyType(
    {
        Phase.IDEA: ("So far it is an idea and a pitch.", "We are about to write the first line of code."),
        Phase.PROTOTYPE: ("A prototype is in the hands of testers.", "The prototype works; the product is next."),
        Phase.LAUNCHED: ("We launched a few months ago.", "The first version is live."),
        Phase.GROWING: ("Thousands use it every week.", "We are growing in three countries."),
        Phase.ESTABLISHED: ("We have served customers for years.", "A mature business with steady income."),
    }
)
_WANTED: Mapping[StartupType, tuple[str, ...]] = MappingProxyType(
    {
        StartupType.COLLABORATION: (
            "We are looking for a {wanted} in {city} or remote.",
            "Join us in {city} as {wanted}.",
            "Our team in {city} needs a {wanted}.",
        ),
        StartupType.MARKETPLACE: (
            "Based in {city}, we are raising our {stage} round.",
            "From {city}; open to {stage} investors and to buyers.",
            "We seek a {stage} partner or a new owner; our office is in {city}.",
        ),
    }
)
STYLE_WISHES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "mission-driven": ("I want my work to do some good.", "Purpose matters to me more than pay."),
        "deep-tech": ("I like hard science and patents.", "Research-heavy ideas excite me."),
        "community-built": ("I believe in communities and volunteers.", "I love products whose community decides."),
        "design-led": ("Good design wins me over.", "I care about craft and design."),
        "fast-growing": ("I look for fast growth.", "Speed and growth excite me."),
        "frugal": ("I respect lean, frugal teams.", "I prefer small and profitable over big and burning."),
    }
)
_BIO: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {
        Role.STUDENT: (
            "Student in {city}, drawn to {categories}.",
            "Developer from {city} who wants to join a team in {categories}.",
            "I study in {city} and build {categories} projects on the side.",
        ),
        Role.INVESTOR: (
            "Angel investor in {city} backing {categories}.",
            "I invest from {city}, mostly in {categories}.",
            "Partner at a small fund in {city}; our thesis is {categories}.",
        ),
        Role.ENTREPRENEUR: (
            "Founder in {city}, at home in {categories}.",
            "I start companies in {city}, usually around {categories}.",
            "Serial entrepreneur from {city} looking for partners in {categories}.",
        ),
    }
)
_DETAILS = (
    "Above all I care about {fields}, with an eye on {tags}.",
    "Talk to me about {fields} or {tags}.",
    "Lately I read everything on {fields} and {tags}.",
)
_SKILLS = ("I work with {skills}.", "My tools are {skills}.", "I bring {skills}.")


def venture_description(name: str, venture: Venture, rng: np.random.Generator) -> str:
    """Four or five sentences, the first and the last in their places and the rest shuffled."""
    words = {
        "name": name,
        "category": label_of(venture.category),
        "field": label_of(venture.field),
        "tags": _list(venture.tags),
        "city": venture.place.city,
        "stage": label_of(venture.stage),
        "wanted": _joined([position.title.lower() for position in venture.positions]),
    }
    middle = [choose(_WITH, rng), choose(STYLE_SENTENCES[venture.style], rng), choose(_PHASE[venture.phase], rng)]
    sentences = [choose(_ABOUT, rng), *sample(middle, len(middle), rng), choose(_WANTED[venture.kind], rng)]
    return " ".join(sentences).format(**words)


def member_bio(member: Member, rng: np.random.Generator) -> str:
    """What a member says of themselves; it tells some of their tastes, not all."""
    first = member.interests[0]
    words = {
        "city": member.place.city,
        "categories": _list([interest.category for interest in member.interests]),
        "fields": _list(first.fields),
        "tags": _list(first.tags[:2]),
        "skills": _list(member.skills[:3]),
    }
    sentences = [choose(_BIO[member.role], rng), choose(_DETAILS, rng), choose(STYLE_WISHES[member.styles[0]], rng)]
    if member.role is Role.STUDENT:
        sentences.append(choose(_SKILLS, rng))
    return " ".join(sentences).format(**words)


def position_requirements(position: PositionTerms, asked: Sequence[str]) -> str:
    """What a position asks for."""
    skills = [skill for skill in position.skills if skill in asked]
    return f"You know {_list(skills)}." if skills else "Curiosity is enough."


def _list(terms: Sequence[str]) -> str:
    return _joined([label_of(term) for term in terms])


def _joined(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
