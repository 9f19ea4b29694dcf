"""Simulated members as database rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from django.contrib.auth.hashers import make_password

from accounts.models import Preferences, Profile, User
from imports.identity import identifier_of
from simulation.config import SimulationConfig
from simulation.identity import SOURCE, member_email, member_external_id
from simulation.members import Member
from simulation.names import member_names
from simulation.onboarding import draw_choices
from simulation.texts import member_bio

_WITHOUT_BIO = 0.05


def user_rows(members: Sequence[Member], config: SimulationConfig, rng: np.random.Generator) -> list[User]:
    """People who cannot log in until somebody sets their password."""
    names = member_names(len(members), rng)
    numbers = _numbers_within_role(members)
    return [
        _user(row, member, name, member_email(member.role.value, number), config)
        for row, (member, name, number) in enumerate(zip(members, names, numbers, strict=True))
    ]


def _user(row: int, member: Member, name: str, email: str, config: SimulationConfig) -> User:
    external_id = member_external_id(config.prefix, row)
    return User(
        id=identifier_of(SOURCE, "user", external_id),
        external_id=external_id,
        email=email,
        name=name,
        role=member.role,
        date_joined=config.moment(member.joined_day),
        password=make_password(None),
    )


def profile_rows(users: Sequence[User], members: Sequence[Member], rng: np.random.Generator) -> list[Profile]:
    """Places, skills and, for most, a bio."""
    return [_profile(user, member, rng) for user, member in zip(users, members, strict=True)]


def _profile(user: User, member: Member, rng: np.random.Generator) -> Profile:
    place = member.place
    bio = member_bio(member, rng)
    return Profile(
        user=user,
        bio="" if rng.random() < _WITHOUT_BIO else bio,
        skills=list(member.skills),
        country=place.country,
        state=place.state,
        region=place.region,
        city=place.city,
    )


def preferences_rows(users: Sequence[User], members: Sequence[Member], rng: np.random.Generator) -> list[Preferences]:
    """What each chose at onboarding."""
    return [
        Preferences(user=user, **asdict(draw_choices(member, rng))) for user, member in zip(users, members, strict=True)
    ]


def _numbers_within_role(members: Sequence[Member]) -> list[int]:
    """1, 2, 3, ... within each role."""
    counts: Counter[str] = Counter()
    numbers = []
    for member in members:
        counts[member.role] += 1
        numbers.append(counts[member.role])
    return numbers
