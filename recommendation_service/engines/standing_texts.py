"""What startups are beside their facets, as rows of centred text and standing that no table holds.

A product with a centred text is one with the text less one with the mean, so the texts stay where they are: in the
table of the catalogue, which all workers of a machine share.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.known_texts import centred, have_text
from recommendation_service.engines.retrieval.glance import Glance
from recommendation_service.engines.retrieval.scans import Lengths, products
from recommendation_service.engines.text_reach import TextReach
from recommendation_service.engines.types import FloatArray


class StandingTexts:
    """N rows, float32 [T + 1] each.

    Attributes:
        texts: float32 [N, T] of unit length, zeros where there is none.
        standing: float32 [N].
        reach: How much the texts can add to scores at most.
    """

    def __init__(
        self,
        texts: FloatArray,
        standing: FloatArray,
        *,
        mean: FloatArray,
        begun: StandingTexts | None = None,
    ) -> None:
        """Take over what the rows are made of.

        Args:
            texts: float32 [N, T] of unit length, zeros where there is none.
            standing: float32 [N].
            mean: float32 [T], what texts are centred by.
            begun: Those that these begin with; its glance and its reach are used again.
        """
        self.texts = texts
        self._mean = mean
        self.standing = standing
        there = 0 if begun is None else len(begun)
        has_text = have_text(texts[there:]).astype(np.float32)
        self._has_text: FloatArray = has_text if begun is None else np.concatenate([begun._has_text, has_text])
        self._glance: Glance = Glance.at(texts, None if begun is None else begun._glance)
        self.reach: TextReach = TextReach.of(texts) if begun is None else begun.reach.extended(texts)

    def extended(self, texts: FloatArray, standing: FloatArray) -> StandingTexts:
        """These and more behind them: the texts of all, and how the others stand."""
        return StandingTexts(texts, np.concatenate([self.standing, standing]), mean=self._mean, begun=self)

    def __len__(self) -> int:
        """N."""
        return len(self.texts)

    def rows(self, columns: npt.NDArray[np.integer]) -> FloatArray:
        """float32 [C, T + 1]."""
        return np.concatenate([centred(self.texts[columns], self._mean), self.standing[columns, None]], axis=1)

    @property
    def beside(self) -> FloatArray:
        """float32 [N, 2]: whether there is a text, and the standing; what a row is beside its uncentred text."""
        return np.stack([self._has_text, self.standing], axis=1)

    def parted(self, queries: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What queries [B, T + 1] ask of the uncentred texts, float32 [B, T], and of what is beside them, [B, 2]."""
        of_texts = np.ascontiguousarray(queries[:, :-1])
        return of_texts, np.stack([-(of_texts @ self._mean), queries[:, -1]], axis=1)

    def products(self, queries: FloatArray) -> FloatArray:
        """float32 [B, N] with queries [B, T + 1]."""
        of_texts, of_beside = self.parted(queries)
        found = products(of_texts, self.texts)
        found += of_beside @ self.beside.T
        return found

    def look(self, of_texts: FloatArray) -> tuple[FloatArray, Lengths]:
        """Products of the uncentred texts, float32 [B, N], with queries [B, T], see `Glance.look`."""
        return self._glance.look(self.texts, of_texts)
