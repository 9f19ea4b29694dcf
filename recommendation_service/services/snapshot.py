"""Everything an answer is made from, in memory, as one object that never changes and is replaced whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from contracts.api import Rung
from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.newest import NewestRecommender
from recommendation_service.engines.popularity import PopularityRecommender
from recommendation_service.engines.reasons import ReasonContext
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.router import LEARNED_RUNGS, RoutingPolicy
from recommendation_service.engines.rules import Owners, columns_by_owner
from recommendation_service.engines.similarity import StartupSimilarity
from recommendation_service.engines.startup_filters import StartupFilterIndex
from recommendation_service.engines.types import (
    Catalogue,
    StartupRecord,
    UserRecord,
    UserState,
)
from recommendation_service.services.model_texts import require_encoder
from recommendation_service.services.ports import CatalogueChanges, LearnedModel, OpenStartups
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.startup_activity import StartupActivity
from recommendation_service.services.text_encoders import changes_of_encoder
from recommendation_service.services.trends import Trends, count_trends

STRANGER = UserState(record=UserRecord(id="", role=""))
"""A person of whom nothing is known."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RungEngine:
    """What answers on a rung: a bound engine under its name, with the version of its model if it has one."""

    recommender: Recommender
    scorer: Scorer
    model_version: str | None = None

    @property
    def engine(self) -> str:
        """The engine's name."""
        return self.recommender.name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServedModel:
    """A version that was loaded and verified."""

    version: str
    learned: LearnedModel


@dataclass(frozen=True, slots=True, weakref_slot=True, kw_only=True, eq=False)
class Snapshot:
    """The open catalogue with every engine bound to it.

    Attributes:
        rungs: The rungs that can answer.
        owners: Columns of each owner's startups.
        filters: Which startups have what a list may be narrowed to.
        model: The version whose engines stand on the learned rungs.
        unusable: Ids of startups whose stored embedding cannot be used.
        without_text: How many startups have no text to compare: none at all, one that cannot be used, or another
            encoder's.
        encoder: What made the texts that are compared; None where nobody tells.
        foreign: Ids of startups whose text was made by another encoder, and is not used.
        problems: Why answers made from this are degraded, whatever made them.
    """

    catalogue: Catalogue
    rungs: Mapping[Rung, RungEngine]
    owners: Owners
    filters: StartupFilterIndex
    similarity: StartupSimilarity
    reasons: ReasonContext
    model: ServedModel | None
    unusable: frozenset[str]
    without_text: int
    encoder: str | None = None
    foreign: frozenset[str] = frozenset()
    problems: Sequence[str] = ()

    @property
    def invalid_embeddings(self) -> int:
        """How many startups have an embedding that cannot be used."""
        return len(self.unusable)

    @property
    def routing(self) -> RoutingPolicy | None:
        """Which rung is due for whom, where the version that serves has evidence for it."""
        return self.model.learned.routing if self.model else None


def build_snapshot(
    opened: OpenStartups, activity: Sequence[StartupActivity], options: ServingOptions, now: datetime
) -> Snapshot:
    """Bind every engine that needs no learned model to the catalogue that is open now."""
    catalogue = Catalogue(startups=opened.startups, as_of=now, text_rows=opened.text_rows)
    trends = count_trends(catalogue, activity, options.trend_half_life)
    similarity = StartupSimilarity(catalogue)
    return Snapshot(
        catalogue=catalogue,
        rungs=_unlearned_rungs(catalogue, trends),
        owners=columns_by_owner(catalogue),
        filters=StartupFilterIndex(catalogue),
        similarity=similarity,
        reasons=_reason_context(catalogue, similarity, trends, options),
        model=None,
        unusable=opened.unusable,
        without_text=_without_text(catalogue.startups),
        encoder=opened.encoder,
        foreign=opened.foreign,
    )


def with_model(snapshot: Snapshot, model: ServedModel | None) -> Snapshot:
    """The same catalogue served by another model, which has proved that it can score it.

    Raises:
        EngineError: If the model does not fit the catalogue's records, was trained on texts of another encoder, or
            scores nothing with a finite number.
    """
    require_same_encoder(snapshot, model)
    return with_engines(snapshot, model, bind_model(snapshot.catalogue, model))


def require_same_encoder(snapshot: Snapshot, model: ServedModel | None) -> None:
    """See to it that a model is asked about texts of the encoder that it was trained on.

    Raises:
        ModelFileError: If the snapshot's are of another.
    """
    if model:
        require_encoder(model.version, model.learned.encoder, snapshot.encoder)


def with_engines(snapshot: Snapshot, model: ServedModel | None, learned: Mapping[Rung, RungEngine]) -> Snapshot:
    """The snapshot with a model's engines, which were bound to its catalogue or to one that it begins with."""
    catalogue = snapshot.catalogue
    unlearned = {rung: engine for rung, engine in snapshot.rungs.items() if rung not in LEARNED_RUNGS}
    fitting = {
        rung: engine
        if engine.scorer.catalogue is catalogue
        else _extended(engine, catalogue, grown=len(engine.scorer.catalogue) < len(catalogue))
        for rung, engine in learned.items()
    }
    return replace(snapshot, rungs={**unlearned, **fitting}, model=model)


def with_changes(snapshot: Snapshot, changes: CatalogueChanges, now: datetime) -> Snapshot:
    """The same engines over the catalogue as it is now; only what changed is encoded.

    Raises:
        EngineError: If a learned engine cannot take in what changed.
    """
    changes, encoder = changes_of_encoder(changes, snapshot.encoder)
    added = changes.startups
    catalogue = snapshot.catalogue.changed(added, changes.gone, now)
    similarity = StartupSimilarity(catalogue, snapshot.similarity)
    touched = changes.gone.union(startup.id for startup in added)
    replaced = _records(snapshot.catalogue, touched)
    return replace(
        snapshot,
        catalogue=catalogue,
        rungs={rung: _extended(engine, catalogue, grown=bool(added)) for rung, engine in snapshot.rungs.items()},
        owners=columns_by_owner(catalogue),
        filters=StartupFilterIndex(catalogue, snapshot.filters),
        similarity=similarity,
        reasons=replace(snapshot.reasons, catalogue=catalogue, similarity=similarity),
        unusable=(snapshot.unusable - touched) | changes.unusable,
        without_text=snapshot.without_text + _without_text(added) - _without_text(replaced),
        encoder=encoder,
        foreign=(snapshot.foreign - touched) | changes.foreign,
    )


def _records(catalogue: Catalogue, startup_ids: Collection[str]) -> list[StartupRecord]:
    """The live ones of these ids."""
    records = map(catalogue.record_of, startup_ids)
    return [record for record in records if record is not None]


def _without_text(startups: Sequence[StartupRecord]) -> int:
    return sum(startup.embedding is None for startup in startups)


def _extended(engine: RungEngine, catalogue: Catalogue, *, grown: bool) -> RungEngine:
    """An engine over a catalogue that begins with its own."""
    scorer = engine.recommender.extend(engine.scorer, catalogue) if grown else engine.scorer.over(catalogue)
    return replace(engine, scorer=scorer)


def with_trends(snapshot: Snapshot, activity: Sequence[StartupActivity], options: ServingOptions) -> Snapshot:
    """The same catalogue and model with recent acts counted anew."""
    trends = count_trends(snapshot.catalogue, activity, options.trend_half_life)
    return replace(
        snapshot,
        rungs=_with_rung(snapshot, Rung.TRENDING, _trending(snapshot.catalogue, trends)),
        reasons=_reason_context(snapshot.catalogue, snapshot.similarity, trends, options),
    )


def _with_rung(snapshot: Snapshot, rung: Rung, engine: RungEngine | None) -> dict[Rung, RungEngine]:
    """The snapshot's rungs with one set anew, or taken away."""
    rungs = dict(snapshot.rungs)
    rungs.pop(rung, None)
    return rungs if engine is None else {**rungs, rung: engine}


def _unlearned_rungs(catalogue: Catalogue, trends: Trends) -> dict[Rung, RungEngine]:
    engines = {
        Rung.CONTENT_BASED: _bound(ContentBasedRecommender.knowing(catalogue), catalogue),
        Rung.TRENDING: _trending(catalogue, trends),
        Rung.NEWEST: _bound(NewestRecommender(), catalogue),
    }
    return {rung: engine for rung, engine in engines.items() if engine is not None}


def _trending(catalogue: Catalogue, trends: Trends) -> RungEngine | None:
    """None where nobody did anything: nothing trends there."""
    if not trends.popularity:
        return None
    return _bound(PopularityRecommender.counted(trends.popularity), catalogue)


def bind_model(catalogue: Catalogue, model: ServedModel | None) -> dict[Rung, RungEngine]:
    """Every engine of a version, bound and asked once.

    Raises:
        EngineError: If the model does not fit the catalogue's records, or scores nothing with a finite number.
    """
    if model is None:
        return {}
    engines = {
        rung: _bound(recommender, catalogue, model.version) for rung, recommender in model.learned.engines.items()
    }
    for rung, recommender in model.learned.engines.items():
        if recommender.serves_cold_users:
            _require_finite_scores(engines[rung])
    return engines


def _require_finite_scores(engine: RungEngine) -> None:
    """Ask for a stranger once, which also warms the engine up."""
    scores = engine.scorer.score([STRANGER])
    if scores.size and not np.isfinite(scores).any():
        raise ModelFileError(f"model {engine.model_version} scores no startup with a finite number; train it again")


def tried_engines(model: ServedModel, snapshot: Snapshot, people: Sequence[UserState]) -> dict[Rung, RungEngine]:
    """Every engine of a version, bound to a catalogue with texts of its encoder, having answered for `people`.

    Raises:
        EngineError, or what numpy and torch raise: If it cannot serve from this catalogue.
    """
    require_same_encoder(snapshot, model)
    learned = bind_model(snapshot.catalogue, model)
    require_answers(learned, people)
    return learned


def require_answers(learned: Mapping[Rung, RungEngine], people: Sequence[UserState]) -> None:
    """Let a model rank for people who asked before, as they will again; this also warms it up.

    Raises:
        EngineError, or what numpy and torch raise: If an engine fails on one of them.
    """
    for engine in learned.values():
        for person in people:
            engine.scorer.rank([person], 1)


def _bound(recommender: Recommender, catalogue: Catalogue, model_version: str | None = None) -> RungEngine:
    return RungEngine(recommender=recommender, scorer=recommender.bind(catalogue), model_version=model_version)


def _reason_context(
    catalogue: Catalogue, similarity: StartupSimilarity, trends: Trends, options: ServingOptions
) -> ReasonContext:
    return ReasonContext(
        catalogue=catalogue,
        similarity=similarity,
        trends=trends.interested,
        trend_days=round(options.trend_window / _DAY),
    )
