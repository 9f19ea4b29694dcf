"""Text encoders: one interface, chosen by the name in the settings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from contracts.dataset import EMBEDDING_DIM
from recommendations.data_errors import EncoderError

HASHING = "hashing"
DEFAULT_BATCH_SIZE = 32


class TextEncoder(Protocol):
    """Turns texts into vectors whose dot product says how alike they are."""

    @property
    def model_id(self) -> str:
        """The name in the settings that this encoder answers to; stored with every embedding it makes."""

    @property
    def dim(self) -> int:
        """Width of a vector."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """The vectors of N texts, float32 [N, dim], each of length 1, in the order of the texts."""


@lru_cache(maxsize=2)
def text_encoder(name: str, *, batch_size: int = DEFAULT_BATCH_SIZE) -> TextEncoder:
    """The encoder of that name: `hashing`, or a sentence-transformers model.

    Args:
        name: What `TEXT_ENCODER` may hold.
        batch_size: Texts per forward pass.

    Raises:
        EncoderError: It is not installed, its weights are not the expected ones, or its vectors do not fit a dataset.
    """
    encoder = _load(name, batch_size)
    if encoder.dim != EMBEDDING_DIM:
        raise EncoderError(
            f"the text encoder {name!r} makes vectors of {encoder.dim} values, but datasets and models hold "
            f"{EMBEDDING_DIM}; set TEXT_ENCODER to a model of that width, such as all-MiniLM-L6-v2"
        )
    return encoder


def _load(name: str, batch_size: int) -> TextEncoder:
    if name == HASHING:
        from recommendations.hashing_encoder import HashingEncoder

        return HashingEncoder()
    from recommendations.sentence_encoder import SentenceEncoder

    return SentenceEncoder(name, batch_size=batch_size)
