"""Texts of startups that lists and histories may name: those of a catalogue stay where the catalogue has them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.entity_encoding import text_block
from recommendation_service.engines.types import BoolArray, FloatArray, StartupRecord, UserRecord
from recommendation_service.engines.unit_rows import unit_rows

Rows = npt.NDArray[np.int64]
_HALF = 0.5
"""Between the squared length of no text, 0, and that of a unit text, 1."""


class KnownTexts:
    """Texts of S startups: the first of a catalogue, then others, then what the catalogue grew by.

    They are centred when they are taken out, so that the catalogue's table may be one that workers share.
    """

    def __init__(self, catalogue: FloatArray, others: FloatArray, *, others_at: int, mean: FloatArray) -> None:
        """Take over texts.

        Args:
            catalogue: float32 [N, T], of unit length, or zeros where there is none.
            others: float32 [O, T], likewise.
            others_at: Row of the first of the others.
            mean: float32 [T], what texts are centred by.
        """
        self._catalogue = catalogue
        self._others = others
        self._others_at = others_at
        self._mean = mean

    def __getitem__(self, rows: Rows) -> FloatArray:
        """float32 [R, T]: centred texts; zeros where there is none."""
        return centred(self._uncentred(rows), self._mean)

    def sums(self, rows: Rows, weights: FloatArray, starts: Rows) -> FloatArray:
        """float32 [K, B, T]: weighted sums of centred texts, in K ways for each of B runs of rows.

        Args:
            rows: int64 [E].
            weights: float32 [K, E].
            starts: int64 [B + 1]: run b lies from `starts[b]` to `starts[b + 1]`.
        """
        texts = self._uncentred(rows)
        sums = np.empty((len(weights), len(starts) - 1, texts.shape[1]), dtype=np.float32)
        for run, (start, end) in enumerate(pairwise(starts.tolist())):
            np.matmul(weights[:, start:end], texts[start:end], out=sums[:, run])
        counted = np.zeros((len(weights), len(rows) + 1))
        np.cumsum(weights * have_text(texts), axis=1, out=counted[:, 1:])
        sums -= np.diff(counted[:, starts]).astype(np.float32)[:, :, None] * self._mean
        return sums

    def _uncentred(self, rows: Rows) -> FloatArray:
        """float32 [R, T], of unit length; zeros where there is none."""
        place, count = rows - self._others_at, len(self._others)
        is_other = (place >= 0) & (place < count)
        if len(self._catalogue):
            texts = self._catalogue.take(np.where(is_other, 0, np.where(place < 0, rows, rows - count)), axis=0)
        else:
            texts = np.empty((len(rows), len(self._mean)), dtype=np.float32)
        texts[is_other] = self._others[place[is_other]]
        return texts

    def grown(self, catalogue: FloatArray) -> KnownTexts:
        """The same with the texts of a catalogue that begins with this one."""
        return KnownTexts(catalogue, self._others, others_at=self._others_at, mean=self._mean)


def unit_texts_of(records: Sequence[StartupRecord] | Sequence[UserRecord], width: int) -> FloatArray:
    """float32 [R, width] of unit texts; zeros where a text is missing or unusable."""
    return unit_rows(text_block([record.embedding for record in records], width)[0])


def centred(texts: FloatArray, mean: FloatArray) -> FloatArray:
    """Unit texts less their mean, float32 [R, T]; zeros where there is none."""
    return np.where(have_text(texts)[:, None], texts - mean, np.float32(0))


def have_text(texts: FloatArray) -> BoolArray:
    """bool [R]: which rows of unit texts or zeros are texts."""
    found: BoolArray = np.vecdot(texts, texts) > _HALF
    return found
