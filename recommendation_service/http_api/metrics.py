"""What one worker did and how it is, for Prometheus; never a label that names a person or a startup.

Each worker process counts for itself, and a scrape reaches one of them: rates and shares are those of a sample, which
is what alerts need; sums over all workers are not to be had from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from os import getpid
from typing import Protocol

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from contracts.api import BreakerState, Readiness, ServiceStatus
from recommendation_service.http_api.access import open_to_all
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.statistics import Durations, ServiceStatistics

SHOWN_EDGES_SECONDS = tuple(step * 10.0**decade for decade in range(-4, 1) for step in (1, 2.5, 5))
_PREFIX = "launchmatch_service"


class ObservedState(Protocol):
    """What the service is now."""

    def status(self) -> ServiceStatus:
        """What it did and how it is."""

    def readiness(self) -> Readiness:
        """Whether it can answer now."""

    def model_created_at(self) -> datetime | None:
        """When the model that serves was trained."""

    def startups_without_text(self) -> int:
        """How many open startups have no text that can be compared."""

    def index_recalls(self) -> Mapping[str, float]:
        """Share of the true best that the index of each rung finds."""


class Observed(Protocol):
    """What the figures are read from: the service."""

    statistics: ServiceStatistics
    fallbacks: FallbackCounter

    @property
    def state(self) -> ObservedState:
        """What it is now."""


def metrics_blueprint(service: Observed) -> Blueprint:
    """GET /metrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ServiceCollector(service))
    metrics = Blueprint("metrics", __name__)

    @metrics.get("/metrics")
    @open_to_all
    def scrape() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return metrics


class ServiceCollector(Collector):
    """Reads all figures at the moment of a scrape."""

    def __init__(self, service: Observed) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Every family of figures."""
        statistics = self._service.statistics
        yield _histogram("request_seconds", "Time of a request.", "endpoint", statistics.durations("endpoint"))
        yield _histogram("stage_seconds", "Time of a stage of an answer.", "stage", statistics.durations("stage"))
        yield _counter("answers", "Lists answered.", ("rung", "degraded"), _answers(statistics))
        yield _counter("responses", "Responses.", ("endpoint", "status"), _responses(statistics))
        yield _counter("turned_away", "Requests refused before their route.", ("reason",), _turned_away(statistics))
        yield _counter("fallbacks", "Failures that something else stood in for.", ("what", "cause"), self._fallbacks())
        yield _gauge("requests_running", "Requests being answered now.", (), {(): float(statistics.running)})
        yield _gauge("requests_waiting", "Requests waiting for those to end.", (), {(): float(statistics.waiting)})
        yield _gauge("start_time_seconds", "When this worker started.", ("pid",), self._started())
        yield from self._state()

    def _state(self) -> Iterator[Metric]:
        ready, status = self._service.state.readiness(), self._service.state.status()
        yield _gauge("ready", "1 if the service can answer.", (), {(): float(ready.ready)})
        yield _gauge("catalogue_startups", "Open startups in memory.", (), {(): float(status.catalogue_size)})
        without_text = float(self._service.state.startups_without_text())
        yield _gauge("startups_without_text", "Of these, with no text to compare.", (), {(): without_text})
        age = status.catalogue_age_seconds
        yield _gauge("catalogue_age_seconds", "Since it was last the database's.", (), {} if age is None else {(): age})
        yield _gauge("model_age_seconds", "Since the model was trained.", ("version",), self._model_age(status))
        yield _gauge("breaker_open", "0 closed, 0.5 half-open, 1 open.", ("dependency",), _breakers(status))
        yield _gauge("index_recall", "Share of the true best that search finds.", ("rung",), self._recalls())
        yield _gauge("problems", "What is wrong now, as /readyz says it.", (), {(): float(len(status.problems))})

    def _model_age(self, status: ServiceStatus) -> Mapping[tuple[str, ...], float]:
        """Not since it took over, which every restart of a worker would begin anew."""
        created_at = self._service.state.model_created_at()
        if status.serving is None or created_at is None:
            return {}
        return {(status.serving,): (datetime.now(UTC) - created_at).total_seconds()}

    def _recalls(self) -> Mapping[tuple[str, ...], float]:
        return {(rung,): recall for rung, recall in self._service.state.index_recalls().items()}

    def _fallbacks(self) -> Mapping[tuple[str, ...], float]:
        return {pair: float(count) for pair, count in self._service.fallbacks.counts.items()}

    def _started(self) -> Mapping[tuple[str, ...], float]:
        return {(str(getpid()),): self._service.statistics.started_at.timestamp()}


def _breakers(status: ServiceStatus) -> Mapping[tuple[str, ...], float]:
    shown = {BreakerState.CLOSED: 0.0, BreakerState.HALF_OPEN: 0.5, BreakerState.OPEN: 1.0}
    return {(name,): shown[state] for name, state in status.breakers.items()}


def _answers(statistics: ServiceStatistics) -> Mapping[tuple[str, ...], float]:
    return {(rung.value, str(degraded).lower()): float(n) for (rung, degraded), n in statistics.answers.items()}


def _responses(statistics: ServiceStatistics) -> Mapping[tuple[str, ...], float]:
    return {(endpoint, str(status)): float(n) for (endpoint, status), n in statistics.responses.items()}


def _turned_away(statistics: ServiceStatistics) -> Mapping[tuple[str, ...], float]:
    return {(reason,): float(n) for reason, n in statistics.turned_away.items()}


def _histogram(name: str, text: str, label: str, measured: Mapping[str, Durations]) -> Metric:
    family = HistogramMetricFamily(f"{_PREFIX}_{name}", text, labels=(label,))
    for of, durations in sorted(measured.items()):
        edges = [f"{edge:g}" for edge in SHOWN_EDGES_SECONDS]
        counts = durations.counts_up_to(SHOWN_EDGES_SECONDS)
        buckets = [*zip(edges, map(float, counts), strict=True), ("+Inf", float(durations.count))]
        family.add_metric((of,), buckets, durations.total_seconds)
    return family


def _counter(name: str, text: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = CounterMetricFamily(f"{_PREFIX}_{name}", text, labels=labels)
    for label_values, value in sorted(values.items()):
        family.add_metric(label_values, value)
    return family


def _gauge(name: str, text: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(f"{_PREFIX}_{name}", text, labels=labels)
    for label_values, value in sorted(values.items()):
        family.add_metric(label_values, value)
    return family
