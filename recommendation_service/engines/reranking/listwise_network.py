"""A small network that learns which candidates of a list prove relevant, list by list.

Source: Cao et al. 2007 ("Learning to Rank: From Pairwise Approach to Listwise Approach"): the cross-entropy between
what proved relevant and a softmax over the candidates. Trees cut one feature at a time; a network adds many small
matches up smoothly, so that the two err on different startups.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from recommendation_service.engines.config_checks import require
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.named_tensors import named_under, tensors_under
from recommendation_service.engines.optimization import GuardedOptimizer
from recommendation_service.engines.reranking.feature_scale import FeatureScale
from recommendation_service.engines.reranking.pairs import Rows
from recommendation_service.engines.reranking.ranking_rows import RankingRows
from recommendation_service.engines.training_config import OptimizerConfig
from recommendation_service.engines.types import FloatArray

_SCALE, _LAYERS = "scale.", "layers."
_ROWS_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class ListwiseNetworkConfig:
    """The network and its training.

    Attributes:
        hidden: Width of each hidden layer.
        dropout: Share of the hidden units left out in training.
        epochs: How often every list is seen.
        lists_per_step: Lists of one step.
        optimizer: Of the steps, whose rate falls along a cosine.
    """

    hidden: tuple[int, ...] = (64, 32)
    dropout: float = 0.2
    epochs: int = 12
    lists_per_step: int = 64
    optimizer: OptimizerConfig = field(default_factory=lambda: OptimizerConfig(learning_rate=2e-3, weight_decay=0.01))

    def __post_init__(self) -> None:
        require(min(self.hidden, default=0) >= 1, f"hidden must name widths of at least 1, got {self.hidden}")
        require(0 <= self.dropout < 1, f"dropout must lie in [0, 1), got {self.dropout}")
        for name in ("epochs", "lists_per_step"):
            require(getattr(self, name) >= 1, f"{name} must be at least 1, got {getattr(self, name)}")


class ListwiseNetwork:
    """A fitted network; safe to share between threads."""

    def __init__(self, scale: FeatureScale, layers: nn.Sequential) -> None:
        """Take over the scale of the features and trained layers."""
        self._scale = scale
        self._layers = layers.eval().requires_grad_(False)

    @classmethod
    def fit(cls, rows: RankingRows, config: ListwiseNetworkConfig, seed: int) -> Self:
        """Learn which rows of each person proved relevant; the same rows and seed give the same network.

        Raises:
            TrainingError: If training does not stay finite.
        """
        scale = FeatureScale.of(rows.features)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            layers = _layers(scale.width, config.hidden, config.dropout)
            optimizer = GuardedOptimizer(layers, config.optimizer)
            steps = config.epochs * math.ceil(rows.people / config.lists_per_step)
            for step, (places, lists) in enumerate(_steps(rows.group_sizes, config, np.random.default_rng(seed))):
                optimizer.anneal(step / steps)
                inputs = torch.from_numpy(scale.apply(rows.features[places]))
                labels = torch.from_numpy(rows.label[places])
                optimizer.step(listwise_loss(layers(inputs)[:, 0], labels, torch.from_numpy(lists)))
        return cls(scale, layers)

    @torch.inference_mode()
    def predict(self, features: FloatArray) -> FloatArray:
        """float32 [P]: scores that compare the candidates of one person."""
        scores = np.empty(len(features), dtype=np.float32)
        for start in range(0, len(features), _ROWS_AT_ONCE):
            run = slice(start, start + _ROWS_AT_ONCE)
            scores[run] = self._layers(torch.from_numpy(self._scale.apply(features[run])))[:, 0].numpy()
        return scores

    def to_tensors(self) -> dict[str, Tensor]:
        """Scale and weights by name."""
        return named_under(_SCALE, self._scale.to_tensors()) | named_under(_LAYERS, self._layers.state_dict())

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor], config: ListwiseNetworkConfig) -> Self:
        """The network that `to_tensors` took apart.

        Raises:
            ModelFileError: If a part is missing, foreign or of another shape.
        """
        try:
            scale = FeatureScale.from_tensors(tensors_under(_SCALE, tensors))
            layers = _layers(scale.width, config.hidden, config.dropout)
            layers.load_state_dict(tensors_under(_LAYERS, tensors))
        except (KeyError, RuntimeError) as error:
            raise ModelFileError(f"the file does not hold the network of a re-ranker: {error}") from error
        return cls(scale, layers)


def listwise_loss(scores: Tensor, labels: Tensor, lists: Tensor) -> Tensor:
    """Mean over the lists of the cross-entropy between their labels, as shares, and the softmax of their scores.

    Args:
        scores: [R].
        labels: [R], at least 0; a list without a positive one adds nothing.
        lists: int64 [R], the list of each row, from 0 without a gap.
    """
    count = int(lists[-1]) + 1
    highest = torch.full((count,), -math.inf).scatter_reduce(0, lists, scores.detach(), "amax")
    total = torch.zeros(count).index_add(0, lists, (scores - highest[lists]).exp()).log() + highest
    labelled = torch.zeros(count).index_add(0, lists, labels).clamp(min=torch.finfo(labels.dtype).tiny)
    return -(labels / labelled[lists] * (scores - total[lists])).sum() / count


def _steps(
    group_sizes: Rows, config: ListwiseNetworkConfig, generator: np.random.Generator
) -> Iterator[tuple[Rows, Rows]]:
    """For each step of all epochs the places of its rows, and which of its lists each belongs to."""
    starts = np.concatenate([[0], np.cumsum(group_sizes)])
    for _ in range(config.epochs):
        order = generator.permutation(len(group_sizes))
        for start in range(0, len(order), config.lists_per_step):
            chosen = order[start : start + config.lists_per_step]
            places = np.concatenate([np.arange(starts[one], starts[one + 1]) for one in chosen.tolist()])
            yield places, np.repeat(np.arange(len(chosen)), group_sizes[chosen])


def _layers(width: int, hidden: Sequence[int], dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for units in hidden:
        layers += [nn.Linear(width, units), nn.GELU(), nn.Dropout(dropout)]
        width = units
    return nn.Sequential(*layers, nn.Linear(width, 1))
