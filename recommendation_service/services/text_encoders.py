"""Texts of one encoder: the vectors of two have nothing to say to each other, so that those of another are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from recommendation_service.engines.types import StartupRecord, UserState
from recommendation_service.services.ports import CatalogueChanges, OpenStartups


def of_one_encoder(opened: OpenStartups, wanted: str | None) -> OpenStartups:
    """The startups with texts of one encoder only.

    Args:
        opened: As they were read.
        wanted: The encoder whose texts the model that serves was trained on; None without a model.

    Returns:
        With texts by `wanted` if any startup has one, else by the encoder that most of them have.
    """
    encoder = _chosen(opened.startups, wanted)
    startups, foreign = _only(opened.startups, encoder)
    return replace(opened, startups=startups, encoder=encoder, foreign=foreign)


def changes_of_encoder(changes: CatalogueChanges, encoder: str | None) -> tuple[CatalogueChanges, str | None]:
    """What changed with texts of the catalogue's encoder only, and that encoder; one without texts takes what comes."""
    encoder = _chosen(changes.startups, None) if encoder is None else encoder
    startups, foreign = _only(changes.startups, encoder)
    return replace(changes, startups=startups, foreign=foreign), encoder


def person_of_encoder(person: UserState, encoder: str | None) -> UserState:
    """The person, without their text if it is of another encoder."""
    record = person.record
    if record.embedding is None or are_comparable(record.encoder, encoder):
        return person
    return replace(person, record=replace(record, embedding=None, encoder=None))


def are_comparable(one: str | None, other: str | None) -> bool:
    """Whether texts of two encoders may be compared; where one is not told, nothing speaks against it."""
    return one is None or other is None or one == other


def _chosen(startups: Sequence[StartupRecord], wanted: str | None) -> str | None:
    used = Counter(startup.encoder for startup in startups if startup.encoder is not None)
    if not used or (wanted is not None and wanted in used):
        return wanted
    return min(used, key=lambda encoder: (-used[encoder], encoder))


def _only(startups: Sequence[StartupRecord], encoder: str | None) -> tuple[Sequence[StartupRecord], frozenset[str]]:
    """The startups without texts of other encoders, and the ids of those that lose theirs."""
    foreign = frozenset(startup.id for startup in startups if not are_comparable(startup.encoder, encoder))
    if not foreign:
        return startups, foreign
    kept = [
        replace(startup, embedding=None, encoder=None) if startup.id in foreign else startup for startup in startups
    ]
    return kept, foreign
