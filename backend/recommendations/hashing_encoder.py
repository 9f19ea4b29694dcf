"""A small deterministic text encoder without weights: feature hashing of words (Weinberger et al., 2009)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from contracts.dataset import EMBEDDING_DIM

_WORD = re.compile(r"\w+")


class HashingEncoder:
    """Each word adds +1 or -1 to one of `dim` places, both told by its hash; texts that share words are alike."""

    model_id = "hashing"

    def __init__(self, dim: int = EMBEDDING_DIM) -> None:
        self.dim = dim

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """The vectors of N texts, float32 [N, dim], each of length 1."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _WORD.findall(text.lower()):
                place, sign = self._place(word)
                vectors[row, place] += sign
            if not vectors[row].any():
                vectors[row, 0] = 1.0
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def _place(self, word: str) -> tuple[int, float]:
        code = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
        return (code >> 1) % self.dim, 1.0 if code & 1 else -1.0
