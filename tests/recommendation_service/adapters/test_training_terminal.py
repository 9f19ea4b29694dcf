from __future__ import annotations

import io

from rich.console import Console

from recommendation_service.adapters.training_terminal import TerminalObserver
from recommendation_service.engines.training_history import EpochRecord


def record(epoch: int, validation: float | None) -> EpochRecord:
    return EpochRecord(epoch=epoch, loss=0.5, validation=validation, learning_rate=1e-3, skipped_steps=0, seconds=1.25)


def test_a_line_per_epoch_marks_the_best() -> None:
    output = io.StringIO()
    with TerminalObserver(Console(file=output, width=100, highlight=False), validation_k=10) as observer:
        observer.run_started(name="search", epochs=3, epochs_done=0)
        for epoch, value in enumerate([0.1, 0.3, 0.2]):
            observer.step_done(1, 2, 64)
            observer.epoch_done(record(epoch, value))
        observer.run_started(name="refit", epochs=2, epochs_done=1)
        observer.epoch_done(record(1, None))
    lines = [line.rstrip() for line in output.getvalue().splitlines() if line.strip()]
    assert lines == [
        "search epoch   1/3  loss 0.5000  NDCG@10 0.1000 *  1.2 s",
        "search epoch   2/3  loss 0.5000  NDCG@10 0.3000 *  1.2 s",
        "search epoch   3/3  loss 0.5000  NDCG@10 0.2000  1.2 s",
        "refit: going on after epoch 1 of 2",
        "refit epoch   2/2  loss 0.5000  1.2 s",
    ]


def test_a_terminal_sees_loss_ndcg_rate_and_time_left() -> None:
    output = io.StringIO()
    console = Console(file=output, width=100, force_terminal=True, color_system=None)
    with TerminalObserver(console, validation_k=10) as observer:
        observer.run_started(name="search", epochs=2, epochs_done=0)
        observer.epoch_done(record(0, 0.25))
        observer.step_done(1, 4, 256)
    assert "search epoch 2/2" in output.getvalue()
    assert "loss 0.5000  NDCG@10 0.2500" in output.getvalue()
    assert "-:--:--" in output.getvalue()
    assert "pairs/s" in output.getvalue()
