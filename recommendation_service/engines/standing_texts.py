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
from recommendation_service.engines.types import FloatArray

_ROUNDING = 1e-6
"""Of a sum of a few float32 numbers, in parts of their size."""


class StandingTexts:
    """N rows, float32 [T + 1] each."""

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
            begun: Those that these begin with; its glance is used again.
        """
        self._texts = texts
        self._mean = mean
        self.standing = standing
        there = 0 if begun is None else len(begun)
        has_text = have_text(texts[there:]).astype(np.float32)
        self._has_text: FloatArray = has_text if begun is None else np.concatenate([begun._has_text, has_text])
        self._glance: Glance = Glance.at(texts, None if begun is None else begun._glance)

    def extended(self, texts: FloatArray, standing: FloatArray) -> StandingTexts:
        """These and more behind them: the texts of all, and how the others stand."""
        return StandingTexts(texts, np.concatenate([self.standing, standing]), mean=self._mean, begun=self)

    def __len__(self) -> int:
        """N."""
        return len(self._texts)

    def rows(self, columns: npt.NDArray[np.integer]) -> FloatArray:
        """float32 [C, T + 1]."""
        return np.concatenate([centred(self._texts[columns], self._mean), self.standing[columns, None]], axis=1)

    def products(self, queries: FloatArray) -> FloatArray:
        """float32 [B, N] with queries [B, T + 1]."""
        wanted = np.ascontiguousarray(queries[:, :-1])
        found = products(wanted, self._texts)
        found -= (wanted @ self._mean)[:, None] * self._has_text
        found += queries[:, -1:] * self.standing
        return found

    def product(self, query: FloatArray, columns: npt.NDArray[np.integer]) -> FloatArray:
        """float32 [C]: products of some rows with a query [T + 1]."""
        wanted = query[:-1]
        found: FloatArray = self._texts[columns] @ wanted
        found -= (wanted @ self._mean) * self._has_text[columns]
        found += query[-1] * self.standing[columns]
        return found

    def look(self, queries: FloatArray) -> tuple[FloatArray, Lengths]:
        """Products float32 [B, N] with queries [B, T + 1], nearly right, and how far each query's may be off.

        See `Glance.look`.
        """
        wanted = np.ascontiguousarray(queries[:, :-1])
        values, bounds = self._glance.look(self._texts, wanted)
        of_mean = wanted @ self._mean
        values -= of_mean[:, None] * self._has_text
        values += queries[:, -1:] * self.standing
        return values, bounds + np.abs(of_mean) * _ROUNDING
