"""Which engine ranks people: the best one whose scores are made of parts."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from contracts.api import Rung
from recommendation_service.engines.people_parts import ScoresPeople
from recommendation_service.engines.recommender import Scorer
from recommendation_service.services.snapshot import RungEngine, Snapshot

PEOPLE_RUNGS = (Rung.TWO_TOWER, Rung.CONTENT_BASED)
"""Best first; below them the newest members are shown."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeopleEngine:
    """An engine of a snapshot that can rank people.

    Attributes:
        rung: Where it stands.
        engine: Its name and version.
        scorer: What scores a person's own list.
        parts: The same, as what encodes people.
        encoder: Of the texts that it looks at; those of others are not seen.
    """

    rung: Rung
    engine: RungEngine
    scorer: Scorer
    parts: ScoresPeople
    encoder: str | None

    @property
    def people_key(self) -> Hashable:
        """Equal for engines that see the same in a person."""
        return self.parts.people_key, self.encoder


def people_engine(snapshot: Snapshot) -> PeopleEngine | None:
    """The best one; None where no rung can rank people."""
    for rung in PEOPLE_RUNGS:
        engine = snapshot.rungs.get(rung)
        if engine is not None and isinstance(engine.scorer, ScoresPeople):
            return PeopleEngine(
                rung=rung, engine=engine, scorer=engine.scorer, parts=engine.scorer, encoder=snapshot.encoder
            )
    return None
