from __future__ import annotations

import pytest
import torch

from recommendation_service.engines.device_precision import tensor_cores


@pytest.mark.parametrize(("device", "inside"), [("cpu", "highest"), ("cuda", "high")])
def test_only_a_gpu_rounds(device: str, inside: str) -> None:
    with tensor_cores(torch.device(device)):
        assert torch.get_float32_matmul_precision() == inside
    assert torch.get_float32_matmul_precision() == "highest"


def _fail_inside() -> None:
    with tensor_cores(torch.device("cuda")):
        raise ZeroDivisionError


def test_the_setting_is_given_back_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError):
        _fail_inside()
    assert torch.get_float32_matmul_precision() == "highest"
