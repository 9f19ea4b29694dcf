"""Products with vectors that grow, nearly right and in a fraction of the time, with a bound on how far they are off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recommendation_service.engines.retrieval.compressed_scan import CompressedScan, can_compress
from recommendation_service.engines.retrieval.scans import Lengths, lengths, measure, products, rounding_bound
from recommendation_service.engines.types import FloatArray

_LEAST, _SHARE_BEHIND = 2048, 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glance:
    """The first vectors of a table, compressed; those behind them are multiplied as they are.

    Attributes:
        scan: Of the first `count` vectors; None where that is not faster.
        count: How many.
    """

    scan: CompressedScan | None
    count: int

    @classmethod
    def at(cls, vectors: FloatArray, begun: Glance | None = None) -> Glance:
        """A look at vectors float32 [N, D], which may begin with those of another look."""
        if begun is not None and len(vectors) - begun.count <= max(_LEAST, _SHARE_BEHIND * begun.count):
            return begun
        if len(vectors) < _LEAST or not can_compress(vectors.shape[1]):
            return cls(scan=None, count=0)
        rankable, _ = measure(vectors)
        return cls(scan=CompressedScan(vectors, rankable), count=len(vectors))

    def look(self, vectors: FloatArray, queries: FloatArray) -> tuple[FloatArray, Lengths]:
        """Products float32 [B, N] with finite queries [B, D], and for each query how far from the truth one may be.

        What a vector with a value that is not finite gets does not matter: it is zero for the scan.
        """
        length = lengths(queries)
        behind = products(queries, vectors[self.count :])
        if self.scan is None:
            return behind, length * rounding_bound(queries.shape[1])
        looked = self.scan.look(queries, length)
        units = looked.units.astype(np.float32)[:, None]
        values: FloatArray = np.multiply(looked.values, units, dtype=np.float32, casting="same_kind")
        bounds = looked.bounds + looked.roundings
        return (np.concatenate([values, behind], axis=1) if behind.shape[1] else values), bounds
