"""Tensors of the parts of a model, told apart by prefixes of their names."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


def tensors_under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Those whose names begin so, by the rest of their names."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def named_under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a part by their names in the whole."""
    return {f"{prefix}{name}": tensor for name, tensor in tensors.items()}
