"""The model registry as the service's source of learned models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from contracts.api import ModelSummary, Rung
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.model_registry import ModelRegistry, RegisteredModel, engines_of
from recommendation_service.engines.retrieval.index_config import BuildsIndexes, IndexConfig
from recommendation_service.engines.router import RoutingPolicy
from recommendation_service.engines.routing_table import RoutingTable, routing_file
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.services.errors import ActiveModelMovedError
from recommendation_service.services.pointer_lock import pointer_lock
from recommendation_service.services.ports import LearnedModel

MODELS_FOLDER = Path(__file__).resolve().parents[1] / "models"
"""Where `train_two_tower.py` saves models unless told otherwise."""

FolderState = frozenset[tuple[str, int, int]]
"""Name, time of change and size of each file."""


class RegisteredModels:
    """The versions of one models folder, which need not exist yet."""

    def __init__(self, folder: Path = MODELS_FOLDER, index: BuildsIndexes | None = None) -> None:
        """Name a folder.

        Args:
            folder: Holds the models.
            index: Which index the vectors of a catalogue get.
        """
        self._registry = ModelRegistry(folder)
        self._index = index or IndexConfig()
        self._told: tuple[FolderState, Sequence[ModelSummary]] | None = None
        self._was_there = False

    def active_version(self) -> str | None:
        """The version that the pointer names; None when none was activated.

        Raises:
            ModelFileError: If the pointer cannot be read, or the folder was there and is gone: a folder that is not
                mounted says nothing about what should serve.
        """
        active = self._registry.active()
        is_there = self._registry.folder.is_dir()
        if self._was_there and not is_there:
            raise ModelFileError(f"the models folder {self._registry.folder} is gone; bring it back")
        self._was_there = is_there
        return active

    def load(self, version: str) -> LearnedModel:
        """All that a version holds, verified, with the routing table beside it if there is one."""
        bundle = self._registry.load(version)
        engines = engines_of(bundle)
        for engine in engines.values():
            if isinstance(engine, TwoTowerRecommender):
                engine.build_index = self._index.build
        return LearnedModel(
            engines={Rung(name): engine for name, engine in engines.items()},
            routing=self._routing(version),
            encoder=bundle.manifest.encoder,
            created_at=bundle.manifest.created_at,
        )

    def activate(self, version: str, *, force: bool = False) -> None:
        """Let the pointer name a version, which is proved first; see `ModelRegistry.activate`."""
        with pointer_lock(self._registry.folder):
            self._registry.activate(version, force=force)

    def rollback(self, *, seen: str | None = None) -> str:
        """Let the pointer name the version it named before; see `ModelRegistry.rollback`.

        Raises:
            ActiveModelMovedError: If `seen` is given and another version is active; it is empty for none.
        """
        with pointer_lock(self._registry.folder):
            active = self._registry.active()
            if seen is not None and seen != (active or ""):
                raise ActiveModelMovedError(seen=seen, active=active)
            return self._registry.rollback()

    def _routing(self, version: str) -> RoutingPolicy | None:
        """A damaged table is refused, not ignored: it would change what people see without a word."""
        file = routing_file(self._registry.folder, version)
        return RoutingTable.read(file).policy() if file.exists() else None

    def fingerprint(self, version: str) -> FolderState:
        """Another value after a file of the version changed."""
        return frozenset(state for state in _folder_state(self._registry.folder) if state[0].startswith(f"{version}."))

    def summaries(self) -> Sequence[ModelSummary]:
        """Every version in the folder, oldest first; proved again only when a file of the folder changed."""
        state = _folder_state(self._registry.folder)
        told = self._told
        if told is None or told[0] != state:
            told = state, [_summary(model) for model in self._registry.versions()]
            self._told = told
        return told[1]


def _folder_state(folder: Path) -> FolderState:
    if not folder.is_dir():
        return frozenset()
    files = ((file.name, file.stat()) for file in folder.iterdir())
    return frozenset((name, found.st_mtime_ns, found.st_size) for name, found in files)


def _summary(model: RegisteredModel) -> ModelSummary:
    manifest = model.manifest
    return ModelSummary(
        version=model.version,
        status=model.status,
        problem=model.problem,
        created_at=None if manifest is None else manifest.created_at,
        encoder=None if manifest is None else manifest.encoder,
        preset=None if manifest is None else manifest.config.get("preset"),
        metrics={} if manifest is None else manifest.metrics,
    )
