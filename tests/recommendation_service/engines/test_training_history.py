from __future__ import annotations

import json

import pytest

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.training_history import EpochRecord, TrainingHistory


def history(*validation: float | None) -> TrainingHistory:
    return TrainingHistory(
        tuple(
            EpochRecord(
                epoch=epoch, loss=1.0 / (epoch + 1), validation=value, learning_rate=1e-3, skipped_steps=0, seconds=0.5
            )
            for epoch, value in enumerate(validation)
        )
    )


@pytest.mark.parametrize(
    ("values", "best"), [([0.1, 0.3, 0.2], 1), ([0.2, 0.2], 0), ([0.0, 0.0, 0.0], 0), ([0.1, 0.2, 0.3], 2)]
)
def test_the_first_of_the_highest_is_best(values: list[float], best: int) -> None:
    assert history(*values).best.epoch == best


def test_patience_counts_epochs_since_the_best() -> None:
    assert not history(0.1, 0.3, 0.2, 0.1).out_of_patience(3)
    assert history(0.1, 0.3, 0.2, 0.1, 0.3).out_of_patience(3)
    assert not history().out_of_patience(1)


def test_without_validation_there_is_no_best() -> None:
    with pytest.raises(TrainingError, match="no epoch was validated"):
        _ = history(None, None).best


def test_round_trip_through_json() -> None:
    before = history(0.1, None)
    assert TrainingHistory.from_list(json.loads(before.to_json())) == before
