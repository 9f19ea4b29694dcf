"""What of a person or a startup the text encoder reads.

The encoder reads a limited number of words, so what says most in the fewest comes first and free text last. An empty
text means that there is nothing to say: such an entity has no embedding.
"""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Preferences, Profile, Role, User
from startups.models import Startup

MAX_CHARACTERS = 1000


def user_text(user: User) -> str:
    """What a person says of themselves: skills, what they look for, bio.

    An investor's name leads, because it is often a firm's and says what it backs; other people's names are left out,
    for they say nothing of taste and much of origin and gender.
    """
    profile = getattr(user, "profile", None) or Profile()
    wanted = getattr(user, "preferences", None) or Preferences()
    return _sentences(
        user.name if user.role == Role.INVESTOR else "",
        _listing("Looking for", [*wanted.categories, *wanted.fields, *wanted.tags, *wanted.stages]),
        _listing("Skills", [*profile.skills, *wanted.skills]),
        profile.bio,
    )


def startup_text(startup: Startup) -> str:
    """What a startup says of itself: title, category, field, tags, open positions, description."""
    return _sentences(
        startup.title,
        _listing("", [startup.category, startup.field, *startup.tags]),
        _listing("Positions", [position.title for position in startup.positions.all() if position.is_active]),
        startup.description,
    )


def _listing(label: str, terms: Iterable[str]) -> str:
    distinct = ", ".join(dict.fromkeys(term.strip() for term in terms if term.strip()))
    return f"{label}: {distinct}" if label and distinct else distinct


def _sentences(*parts: str) -> str:
    text = ". ".join(" ".join(part.split()).rstrip(".") for part in parts if part.strip())
    return text[:MAX_CHARACTERS]
