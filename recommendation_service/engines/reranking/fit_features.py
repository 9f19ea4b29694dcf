"""How a startup fits a person's role, and which place its category has among those that they ask for."""

from __future__ import annotations

import numpy as np

from recommendation_service.engines.reranking.history_table import HistoryTable
from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.reranking.startup_groups import StartupGroups, category_of
from recommendation_service.engines.types import FloatArray, StartupRecord
from recommendation_service.engines.vocabulary import normalise

_PRIOR_LIKES = 20.0
"""Likes as of everybody that are added to those of a role, so that rare roles say little."""


def _type(startup: StartupRecord) -> str:
    return normalise(startup.type)


class FitFeatures:
    """The place of the category, 1 being what a person names first; and the log of how much more people of this role
    turn to startups of this type than everybody does.
    """

    names = ("category_place", "role_type")

    def __init__(self, moment: Moment, begun: FitFeatures | None = None) -> None:
        """Count likes by role and type; what `begun` read of records is not read again."""
        self._categories: StartupGroups = StartupGroups(moment, category_of, begun._categories if begun else None)
        self._types: StartupGroups = StartupGroups(moment, _type, begun._types if begun else None)
        self._columns = moment.columns
        self._role_code_of = {role: code for code, role in enumerate(dict.fromkeys(moment.roles))}
        self._lift = self._lifts(moment)

    def values(self, histories: HistoryTable, pairs: Pairs) -> FloatArray:
        """float32 [P, 2]; NaN for a category that was not asked for and a role that nobody remembers."""
        unknown = len(self._role_code_of)
        roles = np.array([self._role_code_of.get(person.role, unknown) for person in histories.people], dtype=np.int64)
        columns = [
            self._places(histories)[pairs.user, self._categories.codes[pairs.column]],
            self._lift[roles[pairs.user], self._types.codes[pairs.column]],
        ]
        return np.stack(columns, axis=1)

    def _places(self, histories: HistoryTable) -> FloatArray:
        """float32 [B, categories]."""
        places = np.full((len(histories.people), len(self._categories.code_of)), np.nan, dtype=np.float32)
        for row, person in enumerate(histories.people):
            asked = dict.fromkeys(normalise(category) for category in person.categories)
            for place, category in enumerate(asked, start=1):
                if (code := self._categories.code_of.get(category)) is not None:
                    places[row, code] = place
        return places

    def _lifts(self, moment: Moment) -> FloatArray:
        """float32 [roles + 1, types]; the last row, of unknown roles, is not known."""
        shape = len(self._role_code_of), len(self._types.code_of)
        role_of_user = np.array([self._role_code_of[role] for role in moment.roles], dtype=np.int64)
        counts = np.zeros(shape)
        np.add.at(counts, (role_of_user[moment.likes.user], self._types.codes[moment.likes.startup]), 1.0)
        overall = (counts.sum(axis=0) + 1) / (counts.sum() + shape[1])
        shares = (counts + _PRIOR_LIKES * overall) / (counts.sum(axis=1, keepdims=True) + _PRIOR_LIKES)
        return np.vstack([np.log(shares / overall), np.full((1, shape[1]), np.nan)]).astype(np.float32)
