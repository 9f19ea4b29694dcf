"""Trained towers that know what people did: the network, and what it must remember to read a history.

A history names startups that no catalogue holds any more, so the model carries the records of all that were acted on,
and the acts themselves, from which it counts how each startup stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from torch import Tensor

from recommendation_service.engines.act_ledger import ActLedger
from recommendation_service.engines.act_table import ActTable
from recommendation_service.engines.history_contributions import ActParts
from recommendation_service.engines.history_encoder import HistoryEncoder, Past
from recommendation_service.engines.history_network import HistoryConstants, HistoryNetwork
from recommendation_service.engines.history_people import People, encode_people
from recommendation_service.engines.history_serving import HistoryServing
from recommendation_service.engines.history_sides import PeopleSide, Rows
from recommendation_service.engines.known_startups import KnownStartups
from recommendation_service.engines.known_texts import unit_texts_of
from recommendation_service.engines.named_tensors import tensors_under
from recommendation_service.engines.people_parts import PeopleParts, StartupParts
from recommendation_service.engines.remembered_startups import startups_from_tensors, startups_to_tensors
from recommendation_service.engines.timeline import parse_moment
from recommendation_service.engines.tower_model import BoundTowers, TowerModel
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.types import (
    BoolArray,
    Catalogue,
    FloatArray,
    Ranking,
    StartupRecord,
    UserState,
    empty_ranking,
)

_PEOPLE_AT_ONCE = 32
"""What so many look for, and their products with some startups, stay in the processor's cache."""
_NETWORK = "network."


class HistoryModel(TowerModel):
    """Towers over what people did.

    Attributes:
        encoder: From records and acts to what the network looks at.
        startups: The startups that were acted on, R of them.
        ledger: What everybody had done to them.
        as_of: The end of the training, and the moment of a question that names none.
    """

    network: HistoryNetwork

    def __init__(
        self,
        *,
        encoder: HistoryEncoder,
        network: HistoryNetwork,
        startups: Sequence[StartupRecord],
        ledger: ActLedger,
        as_of: datetime,
    ) -> None:
        super().__init__(network)
        self.encoder = encoder
        self.startups = startups
        self.ledger = ledger
        self.as_of = as_of

    @property
    def widths(self) -> Mapping[str, int]:
        """Facets and text of either side; both vectors have the same width."""
        inputs = len(self.encoder.vocabulary) + len(self.encoder.startup_text)
        return {
            "user_input": inputs,
            "startup_input": inputs,
            "embedding": inputs + 1,
        }

    def bind(self, catalogue: Catalogue) -> BoundHistories:
        """Encode a catalogue as of its moment, and make ready the startups that histories may name."""
        others = [startup for startup in self.startups if startup.id not in catalogue.column_of]
        records = [*catalogue.startups, *others]
        texts = self._texts(catalogue)
        known = self.encoder.know(records, self._acted_on(records), catalogue, texts)
        moment = catalogue.as_of or self.as_of
        past = Past.of(self.ledger, moment)
        facts = self.encoder.facts(known, np.arange(len(catalogue)), past, moment)
        serving = HistoryServing.of(self.network, facts, texts, self.encoder.startup_text)
        return BoundHistories(self, known=known, past=past, serving=serving, as_of=moment)

    def extend(self, bound: BoundTowers, catalogue: Catalogue) -> BoundTowers:
        """Encode what was added, as of the moment of the catalogue that was bound first."""
        if not isinstance(bound, BoundHistories):
            return self.bind(catalogue)
        added = catalogue.startups[len(bound.serving) :]
        texts = self._texts(catalogue)
        known = bound.known.extended(added, self._acted_on(added), texts)
        rows = np.arange(len(bound.known.records), len(known.records))
        serving = bound.serving.extended(self.encoder.facts(known, rows, bound.past, bound.as_of), texts)
        return BoundHistories(self, known=known, past=bound.past, serving=serving, as_of=bound.as_of)

    def _texts(self, catalogue: Catalogue) -> FloatArray:
        """float32 [N, T] of unit texts: the catalogue's own table where it has the model's width."""
        width = len(self.encoder.startup_text)
        return catalogue.texts if catalogue.texts.shape[1] == width else unit_texts_of(catalogue.startups, width)

    def _acted_on(self, records: Sequence[StartupRecord]) -> Rows:
        """int64 [R]: row of each among the startups that were acted on, -1 for the others."""
        return np.array([self._row_of.get(startup.id, -1) for startup in records], dtype=np.int64)

    @cached_property
    def _row_of(self) -> Mapping[str, int]:
        return {startup.id: row for row, startup in enumerate(self.startups)}

    def to_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The weights, the remembered startups and acts, and the state of the encoder."""
        weights = {f"{_NETWORK}{name}": tensor.detach().clone() for name, tensor in self.network.state_dict().items()}
        tensors = weights | startups_to_tensors(self.startups) | self.ledger.to_tensors()
        return tensors, self.encoder.to_dict() | {"as_of": self.as_of.isoformat()}

    @classmethod
    def from_state(cls, config: TrainingConfig, tensors: Mapping[str, Tensor], features: Mapping[str, Any]) -> Self:
        """The model that `to_state` described.

        Raises:
            ModelFileError: If the features are not a state that this code understands.
            KeyError, RuntimeError, ValueError: If a tensor is missing, foreign or of another shape.
        """
        encoder = HistoryEncoder.from_dict(features)
        weights = tensors_under(_NETWORK, tensors)
        network = HistoryNetwork(config, HistoryConstants.of_state(weights))
        network.load_state_dict(weights)
        startups = startups_from_tensors(tensors)
        return cls(
            encoder=encoder,
            network=network,
            startups=startups,
            ledger=ActLedger.from_tensors(tensors, len(startups)),
            as_of=parse_moment(features["as_of"]),
        )


class BoundHistories(BoundTowers):
    """History towers with the startups of one catalogue encoded."""

    scores_are_products: ClassVar[bool] = False

    def __init__(
        self, model: HistoryModel, *, known: KnownStartups, past: Past, serving: HistoryServing, as_of: datetime
    ) -> None:
        """Take over an encoded catalogue.

        Args:
            model: The towers.
            known: The catalogue's startups, then the others that were acted on, then what the catalogue grew by.
            past: What everybody had done by the moment.
            serving: The catalogue's startups as of the moment.
            as_of: The moment of people whose state names none.
        """
        self._model, self.known, self.past, self.serving, self.as_of = model, known, past, serving, as_of

    @cached_property
    def startup_vectors(self) -> FloatArray:
        """What the startups are, float32 [N, D]; a wide table, made when it is first asked for."""
        return self.serving.startup_vectors()

    def user_vectors(self, users: Sequence[UserState]) -> FloatArray:
        """What people look for, float32 [B, D]; acts on startups that nobody knows any more do not count."""
        return self.serving.user_vectors(self._people(users))

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """Scores float32 [B, N], some dozen people at a time."""
        found = [self.serving.scores(people, self.past.audience) for people in self._blocks(users)]
        return np.concatenate([np.empty((0, len(self.serving)), dtype=np.float32), *found])

    def rank(self, users: Sequence[UserState], k: int, allowed: BoolArray | None) -> Ranking:
        """The best `k` allowed startups of each user."""
        if k < 1:
            raise ValueError(f"k must be at least 1, got {k}")
        ranking = empty_ranking(len(users), k)
        masks: Sequence[BoolArray | None] = [None] * len(users)
        if allowed is not None:
            masks = list(np.broadcast_to(allowed, (len(users), len(self.serving))))
        place = 0
        for people in self._blocks(users):
            theirs = masks[place : place + len(people)]
            for columns, scores in self.serving.best_of(people, self.past.audience, k, theirs):
                ranking.columns[place, : len(columns)] = columns
                ranking.scores[place, : len(columns)] = scores
                place += 1
        return ranking

    def _blocks(self, users: Sequence[UserState]) -> Iterator[People]:
        encoder = self._model.encoder
        for start in range(0, len(users), _PEOPLE_AT_ONCE):
            yield encode_people(encoder, users[start : start + _PEOPLE_AT_ONCE], self.known, self.as_of)

    def contributions(
        self, user: UserState, columns: npt.NDArray[np.integer], startup_ids: Sequence[str]
    ) -> FloatArray:
        """float32 [K, L]: how much of the scores of K columns what the person did to each of L startups makes up."""
        acts = self._acts([user])
        rows = np.array([self.known.row_of.get(startup_id, -1) for startup_id in startup_ids], dtype=np.int64)
        done_to = acts.startup[:, None] == rows
        chosen = done_to.any(axis=1)
        parts = ActParts.of(
            self.serving.weights,
            acts,
            chosen,
            self.known,
            self.past.audience,
            half_life_days=self._model.encoder.half_life_days,
        )
        by_act = self.serving.contributions(columns, parts)
        by_startup: FloatArray = by_act @ done_to[chosen].astype(np.float32)
        return by_startup

    def people_parts(self, users: Sequence[UserState]) -> PeopleParts:
        """Parts of people, see `ScoresPeople`; the likeness of audiences is among them."""
        acts = self._acts(users)
        liked = self._model.encoder.liked_startups(acts, self.known, self.past)
        return self.serving.people_parts(self._side(users, acts), liked)

    def startup_parts(self, column: int) -> StartupParts:
        """Parts of a startup."""
        return self.serving.startup_parts(column, self.past.audience)

    def lists_of(self, people: PeopleParts) -> FloatArray:
        """Scores float32 [B, N] from parts of people."""
        return self.serving.lists_of(people, self.past.audience)

    def _people(self, users: Sequence[UserState]) -> PeopleSide:
        return self._side(users, self._acts(users))

    def _side(self, users: Sequence[UserState], acts: ActTable) -> PeopleSide:
        return self._model.encoder.people([user.record for user in users], acts, self.known, self.past)

    def _acts(self, users: Sequence[UserState]) -> ActTable:
        return ActTable.of_states(users, self.known.row_of, self.as_of)
