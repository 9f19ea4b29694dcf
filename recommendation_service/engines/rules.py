"""What never comes back to a person, whichever engine ranks: what they own and what they already did something to.

Startups that are not open are no part of the catalogue, so no rule has to name them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat

import numpy as np

from recommendation_service.engines.types import BoolArray, Catalogue, IntArray, UserState

Owners = Mapping[str, IntArray]
"""Columns of each owner's startups."""
_NO_COLUMNS: IntArray = np.empty(0, dtype=np.int32)
_GONE = -1


def columns_by_owner(catalogue: Catalogue) -> Owners:
    """Which columns each owner owns; startups that nobody owns are left out."""
    columns: dict[str, list[int]] = {}
    for column in np.flatnonzero(catalogue.mask()).tolist():
        owner = catalogue.startups[column].owner_id
        if owner is not None:
            columns.setdefault(owner, []).append(column)
    return {owner: np.array(owned, dtype=np.int32) for owner, owned in columns.items()}


def allowed_columns(catalogue: Catalogue, owners: Owners, user: UserState) -> BoolArray:
    """bool [N]: False for what is gone, for the person's own startups and for all they did anything to, even a view."""
    allowed = catalogue.mask()
    withhold(allowed, catalogue, owners, user)
    return allowed


def withhold(allowed: BoolArray, catalogue: Catalogue, owners: Owners, user: UserState) -> None:
    """Turn to False, in place, what the rules keep from a person: all of `withheld_columns`."""
    columns = np.fromiter(map(catalogue.index_of.get, user.history.startup_ids, repeat(_GONE)), dtype=np.int64)
    allowed[columns[columns != _GONE]] = False
    allowed[owners.get(user.record.id, _NO_COLUMNS)] = False


def withheld_columns(catalogue: Catalogue, owners: Owners, user: UserState) -> Mapping[str, Sequence[int]]:
    """The columns that each rule keeps from a person: `own`, and `acted_on_KIND` by the kind of act that counts."""
    index_of = catalogue.index_of
    withheld: dict[str, list[int]] = {"own": owners.get(user.record.id, _NO_COLUMNS).tolist()}
    for item in user.history:
        column = index_of.get(item.startup_id)
        if column is not None:
            withheld.setdefault(f"acted_on_{item.kind}", []).append(column)
    return withheld
