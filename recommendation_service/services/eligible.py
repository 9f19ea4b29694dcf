"""What a person may be shown of a catalogue, whichever engine ranks: rules, filters and exclusions as one mask."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from contracts.api import StartupFilters
from recommendation_service.engines.rules import allowed_columns, withhold
from recommendation_service.engines.types import BoolArray, UserState
from recommendation_service.services.list_request import NO_FILTERS
from recommendation_service.services.snapshot import Snapshot


def eligible_columns(
    snapshot: Snapshot, user: UserState, filters: StartupFilters = NO_FILTERS, exclude: Collection[str] = ()
) -> BoolArray:
    """bool [N]: False for what a rule keeps from the person, what the filters rule out, and what is excluded."""
    allowed = allowed_columns(snapshot.catalogue, snapshot.owners, user)
    snapshot.filters.narrow(allowed, filters)
    leave_out(snapshot, allowed, exclude)
    return allowed


def eligible_rows(snapshot: Snapshot, users: Sequence[UserState], filters: StartupFilters = NO_FILTERS) -> BoolArray:
    """bool [B, N]: `eligible_columns` of each of B people; what is the same for all is found once."""
    everybody = snapshot.catalogue.mask()
    snapshot.filters.narrow(everybody, filters)
    allowed = np.repeat(everybody[None], len(users), axis=0)
    for row, user in zip(allowed, users, strict=True):
        withhold(row, snapshot.catalogue, snapshot.owners, user)
    return allowed


def leave_out(snapshot: Snapshot, allowed: BoolArray, exclude: Collection[str]) -> None:
    """Turn these startups to False, in place; ids of no open startup do not matter."""
    if exclude:
        index_of = snapshot.catalogue.index_of
        allowed[[index_of[startup] for startup in exclude if startup in index_of]] = False
