from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from contracts.interactions import LABELS
from imports.progress import SilentProgress
from simulation.acts import KINDS, NOTHING
from simulation.config import SimulationConfig
from simulation.funnel import click_probability, expected_label, step_probabilities
from simulation.oracle import holds_truth_of, true_probabilities, window_start, write_oracle
from simulation.platform import SimulatedPlatform, simulate

_DAY = 86_400 * 1_000_000


def test_the_file_holds_the_truth(platform: SimulatedPlatform, tmp_path: Path) -> None:
    path = tmp_path / "new" / "oracle.npz"
    write_oracle(platform, path)

    with np.load(path, allow_pickle=False) as arrays:
        steps = step_probabilities(platform.affinity.logits(np.arange(120), 60.0), platform.config.behaviour.funnel)
        np.testing.assert_allclose(arrays["click_probability"], click_probability(steps), atol=1e-6)
        np.testing.assert_allclose(arrays["expected_label"], expected_label(steps), atol=1e-6)
        assert arrays["window_expected_label"].shape == (120, 60)
        assert arrays["window_expected_label"].dtype == np.float32
        assert arrays["user_external_ids"][0] == f"{platform.config.prefix}-user-000001"
        assert arrays["startup_external_ids"][59] == f"{platform.config.prefix}-startup-000060"
        assert str(arrays["window_start"]) == "2025-12-20T00:00:00+00:00"
    assert [file.name for file in path.parent.iterdir()] == ["oracle.npz"], "nothing half-written stays"


def test_a_failing_write_leaves_the_older_file(
    platform: SimulatedPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "oracle.npz"
    path.write_bytes(b"older")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simulation.oracle.np.savez", full)
    with pytest.raises(OSError, match="No space left"):
        write_oracle(platform, path)
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


def test_another_platforms_truth_is_recognised(
    platform: SimulatedPlatform, config: SimulationConfig, tmp_path: Path
) -> None:
    path = tmp_path / "oracle.npz"
    assert not holds_truth_of(config, path)
    path.write_bytes(b"not a zip file")
    assert not holds_truth_of(config, path)
    write_oracle(platform, path)
    assert holds_truth_of(config, path)
    assert not holds_truth_of(replace(config, users=121), path)


def test_blocks_do_not_change_the_truth(platform: SimulatedPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = true_probabilities(platform, [48.0, 60.0])
    monkeypatch.setattr("simulation.oracle._BLOCK", 7)
    for one, other in zip(whole, true_probabilities(platform, [48.0, 60.0]), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_window_is_the_last_fifth(config: SimulationConfig) -> None:
    assert window_start(config) == config.moment(48)


@pytest.mark.slow
def test_the_best_possible_ranking_is_far_above_popularity_and_below_one() -> None:
    """The documented range of the oracle's NDCG@10: the signal is learnable, yet people stay people."""
    platform = simulate(SimulationConfig(users=1000, startups=600, days=120, seed=1), SilentProgress())
    _, truth = true_probabilities(platform, [96.0, 108.0, 120.0])
    popularity = np.bincount(platform.acts.venture[platform.acts.time < 96 * _DAY], minlength=600)

    assert 0.55 < mean_ndcg(platform, truth) < 0.65
    assert mean_ndcg(platform, np.broadcast_to(popularity, truth.shape)) < 0.15


def mean_ndcg(platform: SimulatedPlatform, scores: np.ndarray) -> float:
    """Binary NDCG@10 of the last fifth, by brute force: all that was opened before removed, dislikes not relevant."""
    acts, cut = platform.acts, 96 * _DAY
    known: dict[int, set[int]] = {}
    relevant: dict[int, set[int]] = {}
    for member, venture, kind, time, undoes in zip(
        acts.member.tolist(),
        acts.venture.tolist(),
        acts.kind.tolist(),
        acts.time.tolist(),
        acts.undoes.tolist(),
        strict=True,
    ):
        if undoes == NOTHING and time < cut:
            known.setdefault(member, set()).add(venture)
        elif undoes == NOTHING and LABELS[KINDS[kind]] > 0:
            relevant.setdefault(member, set()).add(venture)
    still_open = {row for row, venture in enumerate(platform.population.ventures) if venture.closed_day > 96}
    values = [
        ndcg(scores[member], still_open - known[member], wanted - known[member])
        for member, wanted in relevant.items()
        if member in known and wanted - known[member]
    ]
    return float(np.mean(values))


def ndcg(scores: np.ndarray, candidates: set[int], relevant: set[int]) -> float:
    ranked = sorted(candidates, key=lambda venture: -scores[venture])[:10]
    gain = sum(1 / np.log2(place + 2) for place, venture in enumerate(ranked) if venture in relevant)
    return float(gain / sum(1 / np.log2(place + 2) for place in range(min(10, len(relevant)))))
