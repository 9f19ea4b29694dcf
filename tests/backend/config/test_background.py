from __future__ import annotations

import threading

from config.background import BackgroundWorker


def test_tasks_run_in_order_in_another_thread():
    worker, done = BackgroundWorker("test"), []
    for number in range(3):
        worker.submit(number, lambda number=number: done.append((number, threading.current_thread().name)))
    worker.drain()
    assert done == [(0, "test"), (1, "test"), (2, "test")]


def test_what_waits_already_is_done_once_and_what_runs_is_done_again():
    worker, started, go_on, done = BackgroundWorker("test"), threading.Event(), threading.Event(), []

    def slow():
        started.set()
        go_on.wait(10)
        done.append("slow")

    worker.submit("a", slow)
    started.wait(10)
    for _ in range(3):
        worker.submit("a", lambda: done.append("again"))
    go_on.set()
    worker.drain()
    assert done == ["slow", "again"]


def test_a_failing_task_is_logged_and_the_next_one_runs(caplog):
    worker, done = BackgroundWorker("test"), []

    def fail():
        raise ValueError("broken task")

    worker.submit("bad", fail)
    worker.submit("good", lambda: done.append("good"))
    worker.drain()
    assert done == ["good"]
    assert "background task bad failed" in caplog.text
    assert "broken task" in caplog.text
