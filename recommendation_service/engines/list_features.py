"""Startups as unit vectors of what they say of themselves: the space in which a list is varied or not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.engines.content_facets import startup_facets
from recommendation_service.engines.facet_space import FacetSpace
from recommendation_service.engines.types import StartupRecord


def list_features(startups: Sequence[StartupRecord]) -> csr_matrix:
    """float64 [N, V], rows of length 1: facets and text, either of which counts half where both are known.

    Startups of which nothing is known share one direction of their own, so they are all alike and unlike all others.
    """
    facets = [startup_facets(startup) for startup in startups]
    parts = hstack([_unit(FacetSpace(facets, {}).rows(facets)), _unit(_texts(startups))], format="csr")
    unknown = csr_matrix((np.diff(parts.indptr) == 0).astype(np.float64)[:, None])
    return _unit(hstack([parts, unknown], format="csr"))


def _texts(startups: Sequence[StartupRecord]) -> csr_matrix:
    known = [row for row, startup in enumerate(startups) if startup.embedding is not None]
    values = np.array([startups[row].embedding for row in known], dtype=np.float64).reshape(len(known), EMBEDDING_DIM)
    rows = np.repeat(known, EMBEDDING_DIM)
    columns = np.tile(np.arange(EMBEDDING_DIM), len(known))
    texts = csr_matrix((values.ravel(), (rows, columns)), shape=(len(startups), EMBEDDING_DIM))
    texts.eliminate_zeros()
    return texts


def _unit(rows: csr_matrix) -> csr_matrix:
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float64)).ravel()
    return csr_matrix(diags(1.0 / np.where(lengths > 0, lengths, 1.0)) @ rows)
