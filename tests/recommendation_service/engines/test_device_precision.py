from __future__ import annotations

import pytest
import torch

from recommendation_service.engines.device_precision import tensor_cores


@pytest.mark.parametrize(("device", "inside"), [("cpu", "highest"), ("cuda", "high")])
def test_only_a_gpu_rounds_and_the_setting_is_given_back(device: str, inside: str) -> None:
    assert torch.get_float32_matmul_precision() == "highest"
    with pytest.raises(ZeroDivisionError), tensor_cores(torch.device(device)):
        assert torch.get_float32_matmul_precision() == inside
        raise ZeroDivisionError
    assert torch.get_float32_matmul_precision() == "highest"
