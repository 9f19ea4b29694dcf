"""Pieces of work shared out among threads: results in order, every thread alone, settings given back, errors heard."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest
import torch

from recommendation_service.engines.shared_work import share_out, sharing, threads_that_share


@pytest.fixture(params=[1, 2, 3])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.parametrize("pieces", [0, 1, 2, 7])
def test_results_come_in_the_order_of_the_work(threads: int, pieces: int) -> None:
    with sharing():
        assert threads_that_share() == threads
        assert share_out([partial(pow, number, 2) for number in range(pieces)]) == [n * n for n in range(pieces)]


def test_as_many_threads_take_part_as_torch_had_and_each_computes_alone(threads: int) -> None:
    together = threading.Barrier(threads, timeout=10)

    def piece() -> tuple[int, int]:
        together.wait()
        return threading.get_ident(), torch.get_num_threads()

    with sharing():
        found = share_out([piece] * threads)
    assert len({thread for thread, _ in found}) == threads
    assert {alone for _, alone in found} == {1}


def test_torch_has_its_threads_back_afterwards(threads: int) -> None:
    with pytest.raises(KeyError, match="gone"), sharing():
        raise KeyError(f"gone: {torch.get_num_threads() - 1} other threads")
    assert torch.get_num_threads() == threads
    assert threads_that_share() == 1


def test_outside_of_sharing_the_caller_does_everything_with_all_of_torchs_threads(threads: int) -> None:
    seen = share_out([lambda: (threading.get_ident(), torch.get_num_threads())] * 3)
    assert seen == [(threading.get_ident(), threads)] * 3


def test_an_error_in_a_piece_is_heard_and_the_next_work_is_done(threads: int) -> None:
    with sharing():
        for failing in range(4):
            with pytest.raises(ZeroDivisionError):
                share_out([partial(divmod, 1, int(place != failing)) for place in range(4)])
        assert share_out([partial(divmod, 7, 2)] * threads) == [(3, 1)] * threads
