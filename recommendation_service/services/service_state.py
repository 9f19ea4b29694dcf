"""What the service is now: whether it can answer, with what, and what it did since it started."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from contracts.api import Readiness, ServiceStatus
from recommendation_service.engines.retrieval.vector_index import SearchesVectors
from recommendation_service.engines.router import LADDER
from recommendation_service.engines.two_tower import TwoTowerScorer
from recommendation_service.services.circuit_breaker import CircuitBreaker
from recommendation_service.services.people import PeopleService
from recommendation_service.services.snapshot import Snapshot
from recommendation_service.services.snapshot_keeper import SnapshotKeeper
from recommendation_service.services.statistics import ServiceStatistics


class ServiceState:
    """Tells of one worker's service."""

    def __init__(
        self,
        keeper: SnapshotKeeper,
        statistics: ServiceStatistics,
        database: CircuitBreaker,
        people: PeopleService | None,
    ) -> None:
        """Take over what is told of.

        Args:
            keeper: Of the snapshot.
            statistics: Of the answers.
            database: Opens when the database fails.
            people: Names members, where it may.
        """
        self._keeper = keeper
        self._statistics = statistics
        self._database = database
        self._people = people

    def readiness(self) -> Readiness:
        """Whether the service can answer now, on which rung at best, and what is wrong."""
        snapshot, age = self._keeper.current_or_none(), self._keeper.age
        return Readiness(
            ready=snapshot is not None,
            rung=None if snapshot is None else next((rung for rung in LADDER if rung in snapshot.rungs), None),
            model_version=serving_version(snapshot),
            catalogue_size=0 if snapshot is None else snapshot.catalogue.size,
            catalogue_age_seconds=None if age is None else age.total_seconds(),
            problems=self._problems(),
        )

    def status(self) -> ServiceStatus:
        """What this worker did since it started."""
        snapshot, age = self._keeper.current_or_none(), self._keeper.age
        by_rung = self._statistics.answers_by_rung()
        return ServiceStatus(
            serving=serving_version(snapshot),
            serving_since=self._keeper.serving_since,
            catalogue_size=0 if snapshot is None else snapshot.catalogue.size,
            catalogue_age_seconds=None if age is None else age.total_seconds(),
            answers=sum(by_rung.values()),
            answers_by_rung=by_rung,
            degraded_answers=self._statistics.degraded_answers,
            responses_by_status=self._statistics.responses_by_status(),
            latencies=self._statistics.latencies(),
            breakers={"database": self._database.state},
            problems=self._problems(),
            started_at=self._statistics.started_at,
        )

    def model_created_at(self) -> datetime | None:
        """When the model that serves was trained; None without one."""
        snapshot = self._keeper.current_or_none()
        return snapshot.model.learned.created_at if snapshot and snapshot.model else None

    def startups_without_text(self) -> int:
        """How many open startups have no text that can be compared."""
        snapshot = self._keeper.current_or_none()
        return 0 if snapshot is None else snapshot.without_text

    def index_recalls(self) -> Mapping[str, float]:
        """Share of the true best that the index of each rung finds."""
        return {rung: index.recall for rung, index in _indexes(self._keeper.current_or_none()).items()}

    def _problems(self) -> list[str]:
        """One sentence each."""
        of_people = {} if self._people is None else self._people.problems
        named = {**self._keeper.problems, **of_people}
        snapshot = self._keeper.current_or_none()
        return [f"{what}: {problem}" for what, problem in sorted(named.items())] + _problems_of(snapshot)


def serving_version(snapshot: Snapshot | None) -> str | None:
    """The version whose engines stand on the learned rungs."""
    return snapshot.model.version if snapshot and snapshot.model else None


def _problems_of(snapshot: Snapshot | None) -> list[str]:
    """What is wrong with what answers are made from."""
    found: list[str] = []
    if snapshot is not None and snapshot.invalid_embeddings:
        found.append(
            f"embeddings: {snapshot.invalid_embeddings} of startups are of the wrong size, zero or not finite; unused; "
            "run `python manage.py generate_embeddings --force` in backend/"
        )
    if snapshot is not None and snapshot.foreign:
        found.append(
            f"embeddings: {len(snapshot.foreign)} of startups are not by {snapshot.encoder}, whose texts are compared; "
            f"unused; run `python manage.py generate_embeddings` in backend/ with TEXT_ENCODER={snapshot.encoder}, or "
            "train on a new dataset"
        )
    found += [f"index of {rung}: {index.alarm}" for rung, index in _indexes(snapshot).items() if index.alarm]
    return found


def _indexes(snapshot: Snapshot | None) -> Mapping[str, SearchesVectors]:
    """What vectors are searched by, by the rung whose they are."""
    scorers = {} if snapshot is None else {rung.value: engine.scorer for rung, engine in snapshot.rungs.items()}
    return {
        rung: scorer.index
        for rung, scorer in scorers.items()
        if isinstance(scorer, TwoTowerScorer) and scorer.index is not None
    }
