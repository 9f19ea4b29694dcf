from __future__ import annotations

import numpy as np
import torch
from torch import nn

from recommendation_service.engines.relu_dropout import ReluDropout
from recommendation_service.engines.tower_network import TwoTowerNetwork
from recommendation_service.engines.training_config import LossConfig, TrainingConfig


def layer_shapes(tower: nn.Module) -> list[tuple[int, int]]:
    return [(layer.in_features, layer.out_features) for layer in tower.modules() if isinstance(layer, nn.Linear)]


def test_the_default_towers_have_the_specified_shapes() -> None:
    network = TwoTowerNetwork(TrainingConfig())
    assert layer_shapes(network.user_tower) == [(512, 512), (512, 256), (256, 128)]
    assert layer_shapes(network.startup_tower) == [(468, 512), (512, 256), (256, 128)]
    dropout = [layer.rate for layer in network.user_tower.modules() if isinstance(layer, ReluDropout)]
    assert dropout == [0.3, 0.2]


def test_a_tower_equals_the_arithmetic() -> None:
    network = TwoTowerNetwork(TrainingConfig()).eval()
    features = torch.randn(3, 512)
    hidden = features.double().numpy()
    layers = [layer for layer in network.user_tower.modules() if isinstance(layer, nn.Linear)]
    for place, layer in enumerate(layers):
        hidden = hidden @ layer.weight.detach().double().numpy().T + layer.bias.detach().double().numpy()
        hidden = np.maximum(hidden, 0) if place < len(layers) - 1 else hidden
    expected = hidden / np.linalg.norm(hidden, axis=1, keepdims=True)
    np.testing.assert_allclose(network.user_tower(features).detach().numpy(), expected, atol=1e-5)


def test_the_output_is_the_sigmoid_of_the_scaled_cosine() -> None:
    network = TwoTowerNetwork(TrainingConfig(loss=LossConfig(scale=1.0, bias=0.0, learnable=False))).eval()
    users, startups = torch.randn(2, 512), torch.randn(3, 468)
    cosine = network.user_tower(users) @ network.startup_tower(startups).T
    torch.testing.assert_close(network(users, startups), torch.sigmoid(cosine))


def test_scale_and_bias_are_learned_only_when_configured() -> None:
    fixed = TwoTowerNetwork(TrainingConfig(loss=LossConfig(learnable=False)))
    learned = TwoTowerNetwork(TrainingConfig())
    assert not fixed.log_scale.requires_grad
    assert not fixed.bias.requires_grad
    assert learned.log_scale.requires_grad
    assert learned.bias.requires_grad
    assert float(learned.scale.detach()) == np.float32(10.0)
