"""What lies beside a version: its card, its configuration, the history of its training, and its pictures."""

from __future__ import annotations

import json
from pathlib import Path

from recommendation_service.engines.atomic_files import write_atomically
from recommendation_service.engines.config_json import to_dict
from recommendation_service.engines.embedding_map import plot_embedding_map
from recommendation_service.engines.evaluation import Evaluation
from recommendation_service.engines.model_card import CardFacts, model_card
from recommendation_service.engines.model_manifest import ModelManifest
from recommendation_service.engines.quality_gate import Verdict
from recommendation_service.engines.reliability_plot import plot_reliability
from recommendation_service.engines.training import TrainedModel
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.training_plots import plot_history

FILES = {
    "pth": "the model: tensors and plain data",
    "json": "its manifest, with the SHA-256 of the model",
    "config.json": "the whole configuration, for `--config`",
    "history.json": "every epoch of the training",
    "curves.png": "loss and validation NDCG by epoch",
    "reliability.png": "whether its probabilities mean what they say, on the validation window",
    "embeddings.png": "the startups' embeddings in two dimensions, coloured by category",
    "card.md": "this card",
}
"""End of each file's name, and what it holds."""


def write_model_files(
    folder: Path,
    manifest: ModelManifest,
    model: TrainedModel,
    *,
    verdict: Verdict,
    validation: Evaluation,
    test: Evaluation | None,
    config: TrainingConfig,
) -> None:
    """Write everything that helps to judge a saved version; each file is whole or not there.

    Args:
        folder: Of the registry.
        manifest: Of the saved version.
        model: The model and how its training went.
        verdict: Of the quality gate.
        validation: Of the engine that has not seen the validation window, on it.
        test: Of the saved model on the test window, if anything relevant happened there.
        config: What was trained.
    """
    paths = {end: folder / f"{manifest.version}.{end}" for end in FILES}
    _write_json(paths["config.json"], to_dict(config))
    history = {
        "validation_metric": f"ndcg@{config.validation_k}",
        "search": model.search.to_list(),
        "refit": model.refit.to_list(),
    }
    _write_json(paths["history.json"], history)
    plot_history(model.search, paths["curves.png"], validation_k=config.validation_k)
    calibration = validation.report.calibration.get(model.searched.name)
    if calibration is not None:
        plot_reliability(calibration, paths["reliability.png"])
    catalogue = (test or validation).task.catalogue
    vectors = model.recommender.bind(catalogue).startup_vectors
    plot_embedding_map(vectors, [startup.category for startup in catalogue.startups], paths["embeddings.png"])
    facts = CardFacts(
        manifest=manifest,
        verdict=verdict,
        validation=validation.report,
        test=test.report if test else None,
        files={paths[end].name: holds for end, holds in FILES.items() if end == "card.md" or paths[end].exists()},
    )
    write_atomically(paths["card.md"], model_card(facts).encode())


def _write_json(target: Path, content: object) -> None:
    write_atomically(target, (json.dumps(content, indent=1) + "\n").encode())
