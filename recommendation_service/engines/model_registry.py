"""Versions of the model in one folder: saved once, proved whole before use, one of them active by an explicit pointer.

two_tower_v1.pth  two_tower_v1.json  two_tower_v2.pth  two_tower_v2.json  ACTIVE.json
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from contracts.api import ModelStatus
from recommendation_service.engines.bundle import (
    Bundle,
    EnsembleState,
    ModelDetails,
    ModelState,
    manifest_file,
    model_file,
    read_bundle,
    read_manifest,
    write_bundle,
)
from recommendation_service.engines.ensemble import EnsembleRecommender
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.model_manifest import ModelManifest
from recommendation_service.engines.model_pointer import (
    ModelPointer,
    is_version,
    read_pointer,
    version_number,
    write_pointer,
)
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.two_tower import TwoTowerRecommender


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredModel:
    """One version and what is known about it without trusting it.

    Attributes:
        version: Its name.
        status: Active, available, refused by its own training, or invalid.
        problem: Why an invalid one cannot be used, or why one was refused.
        manifest: Its description; None when that cannot be read.
    """

    version: str
    status: ModelStatus
    problem: str | None
    manifest: ModelManifest | None


class ModelRegistry:
    """The models of one folder, which is made when the first one is saved."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of_file(cls, file: Path) -> tuple[Self, str]:
        """The registry and the version that a path like `models/two_tower_v1.pth` names.

        Raises:
            ModelFileError: If it is no such path.
        """
        if file.suffix != ".pth":
            raise ModelFileError(f"a model file is named like models/two_tower_v1.pth, not {str(file)!r}")
        version_number(file.stem)
        return cls(file.parent), file.stem

    def save(
        self,
        recommender: TwoTowerRecommender,
        details: ModelDetails | None = None,
        *,
        ensemble: EnsembleRecommender | None = None,
    ) -> ModelManifest:
        """Write a fitted model, and the ensemble that stands on it if any, as the next version. It is not active yet.

        Raises:
            NotFittedError: If it has not been trained.
            ModelFileError: If a weight is not finite or the folder cannot be written; nothing is left behind.
        """
        state = state_of(recommender, ensemble)
        try:
            version = self._reserve()
            try:
                return write_bundle(self.folder, version, state, details or ModelDetails())
            except (ModelFileError, OSError):
                model_file(self.folder, version).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise ModelFileError(f"cannot write a model into {self.folder}: {error}") from error

    def versions(self) -> list[RegisteredModel]:
        """Every version, oldest first, each proved whole or named invalid with the reason.

        Raises:
            ModelFileError: If the pointer to the active version cannot be read.
        """
        active = self.active()
        return [self._inspect(version, active) for version in self._names()]

    def describe(self, version: str) -> ModelManifest:
        """The manifest of a version, without reading the model itself.

        Raises:
            ModelFileError: If there is no such version, or its manifest is unusable.
        """
        self._require_known(version)
        return read_manifest(self.folder, version)

    def load(self, version: str) -> Bundle:
        """The model of a version, proved whole.

        Raises:
            ModelFileError: If it cannot be used; the message says why.
        """
        self._require_known(version)
        return read_bundle(self.folder, version)

    def load_recommender(self, version: str) -> TwoTowerRecommender:
        """The engine of a version, ready to be bound.

        Raises:
            ModelFileError: If it cannot be used; the message says why.
        """
        return recommender_of(self.load(version))

    def load_engines(self, version: str) -> dict[str, Recommender]:
        """Every engine that a version holds by its name, ready to be bound; they share one two-tower engine.

        Raises:
            ModelFileError: If it cannot be used; the message says why.
        """
        return engines_of(self.load(version))

    def activate(self, version: str, *, force: bool = False) -> None:
        """Make a version the one to serve, after proving that all its engines load.

        Args:
            version: Its name.
            force: Activate it although its own training refused it.

        Raises:
            ModelFileError: If it cannot be used or was refused; the active version then stays.
        """
        bundle = self.load(version)
        engines_of(bundle)
        if bundle.manifest.refused and not force:
            raise ModelFileError(
                f"{version} is refused: {bundle.manifest.refused}; train a better one, or let it serve "
                f"all the same: `python manage_models.py activate {version} --force`"
            )
        write_pointer(self.folder, self._pointer_or_new().moved_to(version))

    def rollback(self) -> str:
        """Return to the version that was active before and say which.

        Raises:
            ModelFileError: If there was none, or it cannot be used any more; the active version then stays.
        """
        pointer = read_pointer(self.folder)
        if not pointer.previous:
            raise ModelFileError(f"no version was active before {pointer.active or 'now'}; activate one by name")
        version = pointer.previous[-1]
        self.load_engines(version)
        write_pointer(self.folder, ModelPointer(active=version, previous=pointer.previous[:-1]))
        return version

    def deactivate(self) -> None:
        """Let no version be active: the service answers without a learned model."""
        write_pointer(self.folder, self._pointer_or_new().moved_to(None))

    def active(self) -> str | None:
        """The version that the pointer names, or None.

        Raises:
            ModelFileError: If the pointer cannot be read.
        """
        return read_pointer(self.folder).active

    def _names(self) -> list[str]:
        """Names of all versions with a manifest or with content, in order; a bare reservation is none."""
        manifests = {file.stem for file in self.folder.glob("two_tower_v*.json")}
        contents = {file.stem for file in self.folder.glob("two_tower_v*.pth") if file.stat().st_size}
        return sorted((name for name in manifests | contents if is_version(name)), key=version_number)

    def _require_known(self, version: str) -> None:
        version_number(version)
        if not (manifest_file(self.folder, version).exists() or model_file(self.folder, version).exists()):
            known = ", ".join(self._names()) or "none; train one with `python train_two_tower.py --data ...`"
            raise ModelFileError(f"there is no version {version} in {self.folder}; there are: {known}")

    def _inspect(self, version: str, active: str | None) -> RegisteredModel:
        manifest = None
        try:
            manifest = read_manifest(self.folder, version)
            engines_of(read_bundle(self.folder, version))
        except ModelFileError as error:
            return RegisteredModel(version=version, status=ModelStatus.INVALID, problem=str(error), manifest=manifest)
        status = ModelStatus.REFUSED if manifest.refused else ModelStatus.AVAILABLE
        if version == active:
            status = ModelStatus.ACTIVE
        return RegisteredModel(version=version, status=status, problem=manifest.refused, manifest=manifest)

    def _reserve(self) -> str:
        """Take the next number by creating its empty file, which only one of several trainers can do."""
        self.folder.mkdir(parents=True, exist_ok=True)
        taken = [version_number(file.stem) for file in self.folder.iterdir() if is_version(file.stem)]
        number = max(taken, default=0) + 1
        while True:
            version = f"two_tower_v{number}"
            try:
                os.close(os.open(model_file(self.folder, version), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
            except FileExistsError:
                number += 1
            else:
                return version

    def _pointer_or_new(self) -> ModelPointer:
        """The pointer, or an empty one in place of a damaged one: naming a version again is its cure."""
        try:
            return read_pointer(self.folder)
        except ModelFileError:
            return ModelPointer()


def state_of(recommender: TwoTowerRecommender, ensemble: EnsembleRecommender | None = None) -> ModelState:
    """A fitted engine, and the ensemble that stands on it, as tensors and plain data.

    Raises:
        NotFittedError: If it has not been trained.
    """
    tensors, description = recommender.to_state()
    return ModelState(
        engine=recommender.name,
        tensors=tensors,
        config=description["config"],
        features=description["features"],
        dims=dict(recommender.model.widths),
        ensemble=None if ensemble is None else _ensemble_state(ensemble),
    )


def _ensemble_state(ensemble: EnsembleRecommender) -> EnsembleState:
    tensors, description = ensemble.to_state()
    return EnsembleState(tensors=tensors, description=description)


def engines_of(bundle: Bundle) -> dict[str, Recommender]:
    """Every engine that a bundle describes, by its name.

    Raises:
        ModelFileError: If one of them cannot be built from its parts.
    """
    two_tower = recommender_of(bundle)
    engines: dict[str, Recommender] = {two_tower.name: two_tower}
    added = bundle.state.ensemble
    if added is not None:
        ensemble = EnsembleRecommender.from_state(added.tensors, added.description, engines)
        engines[ensemble.name] = ensemble
    return engines


def recommender_of(bundle: Bundle) -> TwoTowerRecommender:
    """The engine that a bundle describes.

    Raises:
        ModelFileError: If it is another engine's, or its parts and stated widths do not fit together.
    """
    state = bundle.state
    if state.engine != TwoTowerRecommender.name:
        raise ModelFileError(f"{bundle.manifest.version} is a {state.engine!r} model, not {TwoTowerRecommender.name!r}")
    recommender = TwoTowerRecommender.from_state(state.tensors, {"config": state.config, "features": state.features})
    found = state_of(recommender).dims
    if dict(found) != dict(bundle.manifest.dims):
        raise ModelFileError(
            f"{bundle.manifest.version} has the widths {found}, its manifest says {bundle.manifest.dims}"
        )
    return recommender
