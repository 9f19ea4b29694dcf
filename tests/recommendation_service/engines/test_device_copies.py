from __future__ import annotations

import numpy as np
import pytest
import torch

from recommendation_service.engines.device_copies import on_device


def test_on_a_cpu_nothing_is_copied() -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    found = on_device(values, torch.device("cpu"))
    assert np.shares_memory(found.numpy(), values)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("dtype", [np.bool_, np.int64, np.float32])
def test_a_gpu_gets_the_values_though_the_array_is_gone(dtype: type[np.generic]) -> None:
    """Many at once, so that memory of one that is gone would be given to another."""
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 2, size=(512, 512)).astype(dtype) for _ in range(20)]
    found = [on_device(array.copy(), torch.device("cuda")) for array in arrays]
    assert all(np.array_equal(one.cpu().numpy(), array) for one, array in zip(found, arrays, strict=True))
