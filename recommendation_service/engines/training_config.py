"""Every number of the two-tower model that someone may tune, with the presets `default`, `fast` and `deep`.

A configuration checks itself when it is made, round-trips through JSON and refuses keys it does not know.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from recommendation_service.engines.config_checks import require, require_positive
from recommendation_service.engines.config_json import override, read_json_object, unknown_name
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.feature_config import FeatureConfig
from recommendation_service.engines.history_config import EpisodeConfig, HistoryConfig
from recommendation_service.engines.ids_config import IdsConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class TowerConfig:
    """The hidden layers of one tower; `dropout[i]` follows `hidden[i]`."""

    hidden: tuple[int, ...] = (512, 256)
    dropout: tuple[float, ...] = (0.3, 0.2)

    def __post_init__(self) -> None:
        require(all(width >= 1 for width in self.hidden), f"hidden layers must be at least 1 wide, got {self.hidden}")
        require(
            len(self.dropout) == len(self.hidden),
            f"a tower with {len(self.hidden)} hidden layers needs as many dropout rates, got {len(self.dropout)}",
        )
        require(all(0 <= rate < 1 for rate in self.dropout), f"dropout rates must be in [0, 1), got {self.dropout}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """Which loss, and its constants.

    Attributes:
        name: A name of the loss registry (`losses.LOSSES`).
        scale: Factor of the cosine before the sigmoid (its first value, when learnable).
        bias: Summand before the sigmoid (its first value, when learnable).
        learnable: Whether `scale` and `bias` are learned; the bare sigmoid is scale 1, bias 0, learnable false.
        temperature: Divisor of the cosine in the softmax losses and in BPR.
        log_q: Whether losses correct for how likely a startup is to be in the batch.
        positive_temperature: Divisor of the cosine of positives in the bilateral softmax.
        negative_weight: Factor of the negatives' part in the bilateral softmax and in the cosine contrastive loss.
        margin: Cosine below which a negative costs nothing in the cosine contrastive loss.
        top_k: Places that the top-K-weighted softmax is about.
        weight_temperature: How far from place `top_k` (in cosine) its weights still tell pairs apart.
    """

    name: str = "weighted_bce"
    scale: float = 10.0
    bias: float = -5.0
    learnable: bool = True
    temperature: float = 0.1
    log_q: bool = True
    positive_temperature: float = 0.1
    negative_weight: float = 1.0
    margin: float = 0.5
    top_k: int = 10
    weight_temperature: float = 1.0

    def __post_init__(self) -> None:
        for name in ("scale", "temperature", "positive_temperature", "negative_weight", "weight_temperature"):
            require_positive(f"loss.{name}", getattr(self, name))
        require(math.isfinite(self.bias), f"loss.bias must be finite, got {self.bias}")
        require(-1 <= self.margin < 1, f"loss.margin is a cosine in [-1, 1), got {self.margin}")
        require(self.top_k >= 1, f"loss.top_k must be at least 1, got {self.top_k}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativesConfig:
    """What a ranking loss compares positives with, besides the other startups of the batch.

    What is drawn is shared by the whole batch, and masked for whom it is no negative.

    Attributes:
        uniform: Startups drawn for each batch, each as likely as any other.
        popular: Startups drawn for each batch by popularity.
        popularity_power: Exponent of the popularity; 0 is uniform, 1 as in the data.
        hard: Startups drawn for each person from the top of their ranking by the model of the epoch before.
        hard_pool: How many places of that ranking they are drawn from.
        duplicate_above: Cosine of features above which a startup is too much like a liked one to be a hard negative.
    """

    uniform: int = 0
    popular: int = 0
    popularity_power: float = 0.75
    hard: int = 0
    hard_pool: int = 50
    duplicate_above: float = 0.95

    def __post_init__(self) -> None:
        for name in ("uniform", "popular", "hard"):
            value = getattr(self, name)
            require(value >= 0, f"negatives.{name} must be at least 0, got {value}")
        require(
            0 <= self.popularity_power <= 1,
            f"negatives.popularity_power must be in [0, 1], got {self.popularity_power}",
        )
        require(
            self.hard_pool >= max(1, self.hard),
            f"negatives.hard_pool must be at least 1 and negatives.hard ({self.hard}), got {self.hard_pool}",
        )
        require(
            -1 <= self.duplicate_above <= 1,
            f"negatives.duplicate_above is a cosine in [-1, 1], got {self.duplicate_above}",
        )

    @property
    def are_drawn(self) -> bool:
        """Whether anything is drawn besides the batch's own startups."""
        return self.uniform + self.popular + self.hard > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerConfig:
    """AdamW with cosine annealing from `learning_rate` to 0 over all epochs, and clipping of the gradient's norm."""

    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    max_skipped_steps: int = 5

    def __post_init__(self) -> None:
        require_positive("optimizer.learning_rate", self.learning_rate)
        require(
            math.isfinite(self.weight_decay) and self.weight_decay >= 0,
            f"optimizer.weight_decay must be at least 0, got {self.weight_decay}",
        )
        require_positive("optimizer.clip_norm", self.clip_norm)
        require(
            self.max_skipped_steps >= 0,
            f"optimizer.max_skipped_steps must be at least 0, got {self.max_skipped_steps}",
        )


TOWERS = ("profile", "history", "ids")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """A whole training: features, towers, loss, optimiser, length.

    Attributes:
        preset: The preset this began as.
        towers: `profile` towers know people by their profile and learn from labelled pairs; `history` towers also pool
            what people did, and learn from episodes; `ids` towers know ids alone, and learn from everybody's likes
            against the whole catalogue.
        features, user_tower, startup_tower, embedding, negatives: Of the profile towers; `embedding` is the width of
            their output.
        history, episodes: Of the history towers.
        ids: Of the id towers, whose width is `embedding` too.
        epochs: The most passes over the training rows.
        batch_size: Training rows per step; people per step for history and id towers.
        patience: Epochs without a better validation NDCG@`validation_k` before training stops.
        refit: Train once more, on training and validation rows together, for the best number of epochs.
    """

    preset: str = "default"
    towers: str = "profile"
    features: FeatureConfig = field(default_factory=FeatureConfig)
    user_tower: TowerConfig = TowerConfig()
    startup_tower: TowerConfig = TowerConfig()
    embedding: int = 128
    loss: LossConfig = LossConfig()
    negatives: NegativesConfig = NegativesConfig()
    history: HistoryConfig = field(default_factory=HistoryConfig)
    episodes: EpisodeConfig = field(default_factory=EpisodeConfig)
    ids: IdsConfig = field(default_factory=IdsConfig)
    optimizer: OptimizerConfig = OptimizerConfig()
    epochs: int = 50
    batch_size: int = 256
    patience: int = 5
    validation_k: int = 10
    refit: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("embedding", "epochs", "batch_size", "patience", "validation_k"):
            value = getattr(self, name)
            require(value >= 1, f"{name} must be at least 1, got {value}")
        if self.towers not in TOWERS:
            raise ConfigError(unknown_name("towers", self.towers, self.towers, TOWERS))
        require(0 <= self.seed < 2**32, f"seed must be in [0, 2**32), got {self.seed}")


def default() -> TrainingConfig:
    """The specified model: 512 and 468 inputs, towers 512 -> 256 -> 128, weighted binary cross-entropy."""
    return TrainingConfig()


def fast() -> TrainingConfig:
    """Small towers and large batches: a usable model in well under a minute, for demos and trials."""
    tower = TowerConfig(hidden=(128,), dropout=(0.2,))
    optimizer = OptimizerConfig(learning_rate=2e-3)
    return TrainingConfig(
        preset="fast",
        user_tower=tower,
        startup_tower=tower,
        embedding=64,
        optimizer=optimizer,
        epochs=15,
        batch_size=1024,
        patience=3,
    )


def deep() -> TrainingConfig:
    """One more layer and twice the width, learning more slowly: for platforms with millions of interactions."""
    tower = TowerConfig(hidden=(1024, 512, 256), dropout=(0.3, 0.3, 0.2))
    optimizer = OptimizerConfig(learning_rate=5e-4)
    return TrainingConfig(
        preset="deep", user_tower=tower, startup_tower=tower, optimizer=optimizer, epochs=100, batch_size=512
    )


def history() -> TrainingConfig:
    """Towers that know what people did, trained as they are judged: for platforms where people come back.

    Five epochs over five episodes: the weights are few, and more passes fit the past too closely. It refits, because
    the next window depends most on what people did in the last one; without it a model is stale by that length.
    """
    return TrainingConfig(
        preset="history",
        towers="history",
        loss=LossConfig(name="softmax", temperature=1.0),
        optimizer=OptimizerConfig(learning_rate=2e-2, weight_decay=0.1, clip_norm=10.0),
        epochs=5,
        refit=True,
    )


def ids() -> TrainingConfig:
    """Id embeddings smoothed over the graph of likes: for data without profiles, like public collaborative sets."""
    return TrainingConfig(
        preset="ids",
        towers="ids",
        embedding=64,
        loss=LossConfig(name="softmax", temperature=0.12, log_q=False),
        optimizer=OptimizerConfig(learning_rate=2e-2, weight_decay=0.0, clip_norm=10.0),
        epochs=20,
        batch_size=1024,
    )


PRESETS: Mapping[str, Callable[[], TrainingConfig]] = MappingProxyType(
    {"default": default, "fast": fast, "deep": deep, "history": history, "ids": ids}
)


def preset(name: str) -> TrainingConfig:
    """The preset of that name.

    Raises:
        ConfigError: If there is none.
    """
    if name not in PRESETS:
        raise ConfigError(unknown_name("preset", name, name, PRESETS))
    return PRESETS[name]()


def from_dict(data: Mapping[str, Any]) -> TrainingConfig:
    """The configuration that JSON data describes: its `preset` (`default` if not named) with its other keys laid over.

    Raises:
        ConfigError: An unknown preset or key, or a value of the wrong type or range.
    """
    name = data.get("preset", "default")
    if not isinstance(name, str):
        raise ConfigError(f"preset must be text, got {name!r}")
    return override(preset(name), data)


def read_config(path: Path) -> TrainingConfig:
    """The configuration in a JSON file, which may be a partial override of a preset (key `preset`).

    Raises:
        ConfigError: As `from_dict`, or if the file cannot be read.
    """
    return from_dict(read_json_object(path))
