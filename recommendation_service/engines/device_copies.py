"""Arrays of the host as tensors on a device."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor


def on_device(values: npt.NDArray[Any], device: torch.device) -> Tensor:
    """An array's values on a device; on a CPU they are the array's own.

    A GPU fetches them from memory that stays where it is, for which the host need not wait: from any other memory each
    copy would make it wait until all that was asked of the GPU before is done.
    """
    tensor = torch.from_numpy(values)
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)
