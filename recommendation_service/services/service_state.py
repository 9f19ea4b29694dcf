"""What the service is now: whether it can answer, with what, and what it did since it started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.api import BreakerState, Models, ModelSummary, Readiness, ServiceStatus
from recommendation_service.engines.errors import EngineError
from recommendation_service.engines.retrieval.vector_index import SearchesVectors
from recommendation_service.engines.router import LADDER
from recommendation_service.engines.two_tower import TwoTowerScorer
from recommendation_service.services.errors import UnknownModelError
from recommendation_service.services.ports import ModelSource
from recommendation_service.services.snapshot import Snapshot
from recommendation_service.services.snapshot_keeper import SnapshotKeeper
from recommendation_service.services.statistics import ServiceStatistics


def readiness(keeper: SnapshotKeeper, problems: Sequence[str]) -> Readiness:
    """Whether the service can answer now, on which rung at best, and what is wrong."""
    snapshot, age = keeper.current_or_none(), keeper.age
    return Readiness(
        ready=snapshot is not None,
        rung=None if snapshot is None else next((rung for rung in LADDER if rung in snapshot.rungs), None),
        model_version=serving_version(snapshot),
        catalogue_size=0 if snapshot is None else snapshot.catalogue.size,
        catalogue_age_seconds=None if age is None else age.total_seconds(),
        problems=list(problems),
    )


def models(keeper: SnapshotKeeper, source: ModelSource) -> Models:
    """Every learned model, which of them serves, and why another one does not."""
    serving, problem = serving_version(keeper.current_or_none()), keeper.problems.get("model")
    try:
        return Models(
            serving=serving, active=source.active_version(), problem=problem, versions=list(source.summaries())
        )
    except (EngineError, OSError) as error:
        return Models(serving=serving, active=None, problem=str(error), versions=[])


def model_named(version: str, source: ModelSource) -> ModelSummary:
    """One version of the registry.

    Raises:
        UnknownModelError: If there is none of that name.
    """
    found = next((model for model in source.summaries() if model.version == version), None)
    if found is None:
        raise UnknownModelError(version)
    return found


def status(
    keeper: SnapshotKeeper,
    statistics: ServiceStatistics,
    breakers: Mapping[str, BreakerState],
    problems: Sequence[str],
) -> ServiceStatus:
    """What this worker did since it started."""
    snapshot, age = keeper.current_or_none(), keeper.age
    by_rung = statistics.answers_by_rung()
    return ServiceStatus(
        serving=serving_version(snapshot),
        serving_since=keeper.serving_since,
        catalogue_size=0 if snapshot is None else snapshot.catalogue.size,
        catalogue_age_seconds=None if age is None else age.total_seconds(),
        answers=sum(by_rung.values()),
        answers_by_rung=by_rung,
        degraded_answers=statistics.degraded_answers,
        responses_by_status=statistics.responses_by_status(),
        latencies=statistics.latencies(),
        breakers=dict(breakers),
        problems=list(problems),
        started_at=statistics.started_at,
    )


def serving_version(snapshot: Snapshot | None) -> str | None:
    """The version whose engines stand on the learned rungs."""
    return snapshot.model.version if snapshot and snapshot.model else None


def problems(keeper: SnapshotKeeper, of_people: Mapping[str, str]) -> list[str]:
    """What is wrong now, one sentence each."""
    found = [f"{what}: {problem}" for what, problem in sorted({**keeper.problems, **of_people}.items())]
    snapshot = keeper.current_or_none()
    if snapshot is not None and snapshot.invalid_embeddings:
        found.append(
            f"embeddings: {snapshot.invalid_embeddings} of startups are of the wrong size or not finite; unused; "
            "run `python manage.py generate_embeddings --force` in backend/"
        )
    if snapshot is not None and snapshot.foreign:
        found.append(
            f"embeddings: {len(snapshot.foreign)} of startups are not by {snapshot.encoder}, whose texts are compared; "
            f"unused; run `python manage.py generate_embeddings` in backend/ with TEXT_ENCODER={snapshot.encoder}, or "
            "train on a new dataset"
        )
    found += [f"index of {rung}: {index.alarm}" for rung, index in indexes(snapshot).items() if index.alarm]
    return found


def indexes(snapshot: Snapshot | None) -> Mapping[str, SearchesVectors]:
    """What vectors are searched by, by the rung whose they are."""
    scorers = {} if snapshot is None else {rung.value: engine.scorer for rung, engine in snapshot.rungs.items()}
    return {
        rung: scorer.index
        for rung, scorer in scorers.items()
        if isinstance(scorer, TwoTowerScorer) and scorer.index is not None
    }
