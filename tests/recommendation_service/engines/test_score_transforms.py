from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from recommendation_service.engines.score_transforms import (
    negative_shares,
    segment_logsumexp,
    top_k_threshold,
    weighted_mean,
    with_log_q,
    with_temperature,
    without,
)

INFINITY = float("inf")


def test_temperature_comes_before_log_q() -> None:
    logits = with_log_q(with_temperature(torch.tensor([[0.2, 0.4]]), 0.1), torch.log(torch.tensor([0.5, 0.25])))
    torch.testing.assert_close(logits, torch.tensor([[2 + math.log(2), 4 + math.log(4)]]))


def test_masking_leaves_its_inputs_alone() -> None:
    logits, excluded = torch.zeros(1, 3), torch.tensor([[True, False, True]])
    assert without(logits, excluded).tolist() == [[-INFINITY, 0.0, -INFINITY]]
    assert logits.tolist() == [[0.0, 0.0, 0.0]]


def test_shares_of_a_row_add_up_to_one() -> None:
    excluded = torch.tensor([[False, True, False], [True, True, True]])
    torch.testing.assert_close(negative_shares(excluded, None), torch.tensor([[0.5, 0.0, 0.5], [0.0, 0.0, 0.0]]))
    log_q = torch.log(torch.tensor([0.25, 0.1, 0.75]))
    torch.testing.assert_close(negative_shares(excluded, log_q), torch.tensor([[0.75, 0.0, 0.25], [0.0, 0.0, 0.0]]))


def test_a_corrected_mean_over_a_sample_is_the_mean_over_the_catalogue() -> None:
    """Startups drawn with unequal probabilities: only the corrected mean comes out right."""
    generator = torch.Generator().manual_seed(0)
    values, inclusion = torch.randn(300, generator=generator), torch.rand(300, generator=generator) * 0.8 + 0.1
    values += 3 * inclusion
    corrected, plain = [], []
    for _ in range(400):
        drawn = torch.rand(300, generator=generator) < inclusion
        excluded = torch.zeros(1, int(drawn.sum()), dtype=torch.bool)
        corrected.append(float((negative_shares(excluded, torch.log(inclusion[drawn])) * values[drawn]).sum()))
        plain.append(float((negative_shares(excluded, None) * values[drawn]).sum()))
    truth = float(values.mean())
    assert sum(corrected) / 400 == pytest.approx(truth, abs=0.02)
    assert sum(plain) / 400 > truth + 0.2


@pytest.mark.parametrize(("k", "threshold"), [(1, 0.9), (2, 0.7), (3, 0.1), (9, 0.1)])
def test_threshold_is_the_kth_score(k: int, threshold: float) -> None:
    assert top_k_threshold(torch.tensor([[0.1, 0.9, 0.7]]), k, None).tolist() == pytest.approx([threshold])


def test_a_drawn_column_stands_for_the_columns_that_were_not() -> None:
    """The best column was certain, each other stands for four: places 2 to 5 are the second's."""
    scores, log_q = torch.tensor([[0.9, 0.7, 0.1]]), torch.log(torch.tensor([1.0, 0.25, 0.25]))
    found = [float(top_k_threshold(scores, k, log_q)) for k in (1, 2, 5, 6)]
    assert found == pytest.approx([0.9, 0.7, 0.7, 0.1])


@given(st.lists(st.tuples(st.floats(-200, 200), st.integers(0, 3)), min_size=1, max_size=12))
def test_segments_equal_a_loop(pairs: list[tuple[float, int]]) -> None:
    values = torch.tensor([value for value, _ in pairs], dtype=torch.float64)
    segment = torch.tensor([number for _, number in pairs])
    expected = [torch.logsumexp(values[segment == number], dim=0) for number in range(4)]
    torch.testing.assert_close(segment_logsumexp(values, segment, 4), torch.stack(expected))


def test_segments_have_the_gradient_of_a_softmax_and_no_nan() -> None:
    values = torch.tensor([1.0, 3.0, -INFINITY, 500.0], requires_grad=True)
    result = segment_logsumexp(values, torch.tensor([0, 0, 1, 2]), 4)
    assert result.tolist() == pytest.approx([math.log(math.e + math.e**3), -INFINITY, 500.0, -INFINITY])
    result[[0, 2]].sum().backward()  # type: ignore[no-untyped-call]
    assert values.grad is not None
    softmax = torch.softmax(torch.tensor([1.0, 3.0]), dim=0).tolist()
    assert values.grad.tolist() == pytest.approx([*softmax, 0.0, 1.0])


def test_no_weight_at_all_is_zero() -> None:
    values = torch.tensor([3.0, 5.0], requires_grad=True)
    assert float(weighted_mean(values, torch.tensor([1.0, 3.0])).detach()) == pytest.approx(4.5)
    nothing = weighted_mean(values, torch.zeros(2))
    nothing.backward()  # type: ignore[no-untyped-call]
    assert float(nothing.detach()) == 0.0
    assert values.grad is not None
    assert values.grad.tolist() == [0.0, 0.0]
