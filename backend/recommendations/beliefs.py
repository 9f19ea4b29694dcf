"""What the platform believes of a member and bases their recommendations on, each to be taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from accounts.models import Preferences, Profile, User
from accounts.services import PreferencesInput, preferences_update, user_update
from contracts.interactions import EXPLICIT_TYPES, LABELS, InteractionType
from contracts.named_terms import named_terms
from interactions.models import InteractionEvent
from interactions.selectors import interaction_list_standing
from recommendations.errors import UnknownBeliefError
from recommendations.publication import member_publish

PREFERENCES = {
    "categories": "Categories you chose",
    "fields": "Fields you chose",
    "tags": "Tags you chose",
    "stages": "Stages you chose",
    "skills": "Skills you want to use",
}
OWN_SKILLS = "own_skills"
SHOWN = 12
"""Startups of each sort: those that weigh most."""
_LOOKED_AT = 200
"""Of so many latest acts."""
_POSITIVE = EXPLICIT_TYPES - {InteractionType.DISLIKE}


@dataclass(frozen=True, slots=True, kw_only=True)
class TermBeliefs:
    """Terms of one kind.

    Attributes:
        kind: A name of `PREFERENCES`, or `own_skills`.
        label: What they are, in words.
        terms: The terms.
    """

    kind: str
    label: str
    terms: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beliefs:
    """All that a member's recommendations are based on.

    Attributes:
        terms: What they said of themselves, by kind; kinds without a term too.
        named: Terms that their bio names, which count as chosen; they go when the bio changes.
        liked: The startups that weigh most, each by the strongest act that stands.
        hidden: The startups that they do not want, the latest first.
        opened: The startups that they only looked at, the latest first.
    """

    terms: list[TermBeliefs]
    named: list[str]
    liked: list[InteractionEvent]
    hidden: list[InteractionEvent]
    opened: list[InteractionEvent]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known."""
        return not (any(kind.terms for kind in self.terms) or self.named or self.liked or self.hidden or self.opened)


def beliefs_of(*, user: User) -> Beliefs:
    """What is believed of a member now."""
    acts = list(interaction_list_standing(user=user, types=[kind.value for kind in InteractionType])[:_LOOKED_AT])
    strongest: dict[object, InteractionEvent] = {}
    for act in sorted(acts, key=lambda act: -LABELS[act.type]):
        strongest.setdefault(act.startup_id, act)
    hidden = [act for act in acts if act.type == InteractionType.DISLIKE]
    hidden_ids = {act.startup_id for act in hidden}
    open_ones = [act for act in strongest.values() if act.startup_id not in hidden_ids]
    return Beliefs(
        terms=_terms(user),
        named=_named(user),
        liked=[act for act in open_ones if act.type in _POSITIVE][:SHOWN],
        hidden=hidden[:SHOWN],
        opened=[act for act in open_ones if act.type not in _POSITIVE][:SHOWN],
    )


def belief_term_remove(*, user: User, kind: str, term: str) -> None:
    """Take away one term; one that is not there is no longer believed anyway.

    Raises:
        UnknownBeliefError: If there is no such kind.
    """
    if kind == OWN_SKILLS:
        user_update(user=user, profile={"skills": [skill for skill in user.profile.skills if skill != term]})
    elif kind in PREFERENCES:
        changes: dict[str, list[str]] = {kind: [each for each in getattr(user.preferences, kind) if each != term]}
        preferences_update(user=user, changes=cast("PreferencesInput", changes))
    else:
        raise UnknownBeliefError(f"no kind of terms is called {kind!r}; kinds: {', '.join([*PREFERENCES, OWN_SKILLS])}")
    member_publish(user_id=user.pk)


def _terms(user: User) -> list[TermBeliefs]:
    preferences = Preferences.objects.filter(user=user).first() or Preferences(user=user)
    profile = Profile.objects.filter(user=user).first() or Profile(user=user)
    chosen = [
        TermBeliefs(kind=kind, label=label, terms=getattr(preferences, kind)) for kind, label in PREFERENCES.items()
    ]
    return [*chosen, TermBeliefs(kind=OWN_SKILLS, label="Skills you have", terms=profile.skills)]


def _named(user: User) -> list[str]:
    profile = Profile.objects.filter(user=user).first() or Profile(user=user)
    named = named_terms(profile.bio)
    return [*named.categories, *named.fields, *named.tags]
