"""All versions: what their files say, put together with what the service says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from console.errors import ModelsUnreadableError
from console.model_files.cards import Figure, SegmentFigures, card_changed_at, evaluation_of, read_card
from console.model_files.manifests import Manifest, is_version, read_manifest, version_names, version_number
from console.model_files.pointer import read_pointer
from contracts.api import Models, ModelStatus

EVERYBODY = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version as the console lists it.

    Attributes:
        name: E.g. `two_tower_v3`.
        status: Active, available, refused or invalid.
        problem: Why an invalid or refused one does not serve.
        manifest: Its description; None when that cannot be read.
        window: What its figures were taken on; empty when it has none.
        segments: Its figures beside the baselines'.
        serving: Whether it answers now.
    """

    name: str
    status: ModelStatus
    problem: str | None
    manifest: Manifest | None
    window: str
    segments: list[SegmentFigures]
    serving: bool = False

    @property
    def own(self) -> Figure | None:
        """Its own NDCG@10 over everybody."""
        everybody = self.segment(EVERYBODY)
        return next(iter(everybody.engines.values())) if everybody else None

    @property
    def best_baseline(self) -> tuple[str, Figure] | None:
        """The best of the engines that it was judged beside, and is not built on."""
        everybody = self.segment(EVERYBODY)
        return best_baseline(everybody) if everybody else None

    def segment(self, name: str) -> SegmentFigures | None:
        """Its figures for a part of the people."""
        return next((segment for segment in self.segments if segment.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentComparison:
    """One segment: a version beside the best baseline and beside the active version."""

    segment: SegmentFigures
    own: Figure
    ensemble: Figure | None
    baseline: tuple[str, Figure] | None
    active: Figure | None


OWN_ENGINES = ("two_tower", "ensemble")


def best_baseline(segment: SegmentFigures) -> tuple[str, Figure] | None:
    """The best engine that is not part of the version."""
    baselines = {name: figure for name, figure in segment.engines.items() if name not in OWN_ENGINES}
    return max(baselines.items(), key=lambda entry: entry[1].mean, default=None)


def version_list(*, told: Models | None) -> list[Version]:
    """Every version, newest first.

    Args:
        told: What the service says; without it, states are what the files alone can tell.
    """
    return [version_get(name=name, told=told) for name in versions_known(told=told)]


def versions_known(*, told: Models | None) -> list[str]:
    """Names of all versions, newest first: those that have a manifest, and those that the service names beside them."""
    named = [summary.version for summary in told.versions] if told else []
    names = {*version_names(), *filter(is_version, named)}
    return sorted(names, key=version_number, reverse=True)


def version_get(*, name: str, told: Models | None) -> Version:
    """One version.

    Raises:
        ModelsUnreadableError: If `name` is no name of a version.
    """
    manifest, problem = _manifest(name)
    status, said = _status(name, manifest, told)
    window, segments = _evaluation(name)
    return Version(
        name=name,
        status=status,
        problem=said or problem,
        manifest=manifest,
        window=window,
        segments=segments,
        serving=told is not None and told.serving == name,
    )


def segment_comparisons(*, version: Version, active: Version | None) -> list[SegmentComparison]:
    """Segment by segment: the version, its ensemble, the best baseline, and the active version on its own window."""
    return [
        SegmentComparison(
            segment=segment,
            own=next(iter(segment.engines.values())),
            ensemble=segment.engines.get("ensemble"),
            baseline=best_baseline(segment),
            active=_own_figure(active, segment.name) if active and active.name != version.name else None,
        )
        for segment in version.segments
    ]


def _own_figure(version: Version, segment: str) -> Figure | None:
    found = version.segment(segment)
    return next(iter(found.engines.values())) if found else None


def _manifest(name: str) -> tuple[Manifest | None, str | None]:
    try:
        return read_manifest(name), None
    except ModelsUnreadableError as error:
        return None, str(error)


def _evaluation(name: str) -> tuple[str, list[SegmentFigures]]:
    try:
        return _evaluation_as_of(name, card_changed_at(name))
    except ModelsUnreadableError:
        return "", []  # a version saved without a card; the page says that it has no figures


def _status(name: str, manifest: Manifest | None, told: Models | None) -> tuple[ModelStatus, str | None]:
    """The service's word, which has loaded the file; without it, what the files say."""
    for summary in told.versions if told else ():
        if summary.version == name:
            return summary.status, summary.problem
    if manifest is None:
        return ModelStatus.INVALID, None
    if active_name() == name:
        return ModelStatus.ACTIVE, manifest.refused
    return (ModelStatus.REFUSED, manifest.refused) if manifest.refused else (ModelStatus.AVAILABLE, None)


def active_name() -> str | None:
    """The version that the pointer names; None where it names none or cannot be read, which the service reports."""
    try:
        return read_pointer().active
    except ModelsUnreadableError:
        return None


@lru_cache(maxsize=256)
def _evaluation_as_of(name: str, state: tuple[str, int]) -> tuple[str, list[SegmentFigures]]:  # noqa: ARG001 - keys the cache
    """A card is read once: a version never changes, and a card that does has another time."""
    return evaluation_of(read_card(name))
