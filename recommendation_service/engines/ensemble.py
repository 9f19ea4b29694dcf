"""The ensemble: several engines put startups forward, and a model learned from the past ranks them.

The model sees each candidate as of the moment of ranking: where the engines place it, how it matches what the person
liked, how old and how funded it is, what people turn to lately, and who liked it before. It learns in windows of the
past: engines fitted strictly before a window put startups forward, and what people then did in it is relevant.

Voters are engines too costly to fit once per window, like the two towers: they put startups forward as well, and their
scores are added to the model's, which never saw them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from torch import Tensor

from recommendation_service.engines.als import AlsRecommender
from recommendation_service.engines.config_checks import require
from recommendation_service.engines.config_json import override, to_dict
from recommendation_service.engines.errors import ConfigError, ModelFileError, NotFittedError
from recommendation_service.engines.item_knn import ItemKnnRecommender
from recommendation_service.engines.named_tensors import named_under, tensors_under
from recommendation_service.engines.rank_fusion import RankFusionConfig, fuse
from recommendation_service.engines.recommender import Contributions, Recommender, Scorer, top_k
from recommendation_service.engines.reranking.boosted_trees import BoostedTreesConfig
from recommendation_service.engines.reranking.bound_members import BoundMembers, feature_names
from recommendation_service.engines.reranking.listwise_network import ListwiseNetworkConfig
from recommendation_service.engines.reranking.members import (
    Member,
    default_members,
    fit_member,
    restore,
)
from recommendation_service.engines.reranking.platform_memory import PlatformMemory
from recommendation_service.engines.reranking.ranker import Ranker
from recommendation_service.engines.reranking.ranking_rows import RankingRows
from recommendation_service.engines.reranking.score_blend import blended
from recommendation_service.engines.reranking.training_windows import (
    WindowsConfig,
    find_task,
    training_windows,
    window_rows,
)
from recommendation_service.engines.timeline import TimeWindow, data_before
from recommendation_service.engines.types import BoolArray, Catalogue, FloatArray, Ranking, TrainingData, UserState

_NETWORK = "network."


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsembleConfig:
    """How the ensemble learns and what it does where it cannot.

    Attributes:
        windows: In which windows of the past.
        ranker: The trees.
        network: What ranks beside them.
        network_share: Its weight beside the trees', in [0, 1]; with 0 there is none.
        fusion: How places are fused where there is no ranker, and for people without a like.
        vote: Weight of the voters' scores beside the model's, in [0, 1].
        vote_depth: How many startups each voter puts forward.
        least_people: With fewer people to learn from, in all windows together, no ranker is learned.
        seed: Of what is drawn.
    """

    windows: WindowsConfig = field(default_factory=WindowsConfig)
    ranker: BoostedTreesConfig = field(default_factory=BoostedTreesConfig)
    network: ListwiseNetworkConfig = field(default_factory=ListwiseNetworkConfig)
    network_share: float = 0.0
    fusion: RankFusionConfig = field(default_factory=lambda: RankFusionConfig(damping=10.0))
    vote: float = 0.5
    vote_depth: int = 100
    least_people: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("network_share", "vote"):
            require(0 <= getattr(self, name) <= 1, f"{name} must lie in [0, 1], got {getattr(self, name)}")
        require(self.vote_depth >= 1, f"vote_depth must be at least 1, got {self.vote_depth}")
        require(self.least_people >= 1, f"least_people must be at least 1, got {self.least_people}")
        require(0 <= self.seed < 2**31, f"seed must be in [0, 2**31), got {self.seed}")


class EnsembleRecommender(Recommender):
    """Ranks what its members put forward, by a model where there was enough to learn from, else by rank fusion."""

    name: ClassVar[str] = "ensemble"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, members: Mapping[str, Member] | None = None, config: EnsembleConfig | None = None) -> None:
        """Make an ensemble of these members, in this order; `default_members()` if none are named.

        Raises:
            ConfigError: If there are none.
        """
        self.members = dict(default_members() if members is None else members)
        self.config = config or EnsembleConfig()
        if not self.members:
            raise ConfigError("an ensemble needs at least one member, got none")
        self.ranker: Ranker | None = None
        self._memory: PlatformMemory | None = None
        self._engines: dict[str, Recommender] = {}
        self._voters: dict[str, Recommender] = {}

    def fit(
        self,
        data: TrainingData,
        *,
        windows: Sequence[TimeWindow] | None = None,
        voters: Mapping[str, Recommender] | None = None,
    ) -> Self:
        """Learn the ranker in windows of the data, then fit every member on all of it.

        Args:
            data: Records and rows; what is to be judged must lie after all of them.
            windows: In which the ranker learns; None for those of `config.windows`.
            voters: Engines fitted on the same data, by name.
        """
        chosen = training_windows(data.interactions, self.config.windows) if windows is None else windows
        rows = self._training_rows(data, chosen)
        names = feature_names(list(self.members))
        self.ranker = None
        if rows is not None and rows.people >= self.config.least_people:
            self.ranker = self._fit_ranker(rows, names)
        self._memory = PlatformMemory.of(data)
        self._engines = self._fit_members(data, self._memory)
        self._voters = dict(voters or {})
        return self

    def bind(self, catalogue: Catalogue) -> EnsembleScorer:
        """Bind every member, and compute what does not depend on a person.

        Raises:
            NotFittedError: Before `fit`.
        """
        return EnsembleScorer(
            catalogue,
            members=self._bind_members(catalogue),
            voters={name: engine.bind(catalogue) for name, engine in self._voters.items()},
            ranker=self.ranker,
            config=self.config,
        )

    def extend(self, scorer: Scorer, catalogue: Catalogue) -> Scorer:
        """Extend every member and voter, and read of records only what was added."""
        if not isinstance(scorer, EnsembleScorer):
            return self.bind(catalogue)
        return EnsembleScorer(
            catalogue,
            members=self._bind_members(catalogue, scorer.members),
            voters={name: engine.extend(scorer.voters[name], catalogue) for name, engine in self._voters.items()},
            ranker=self.ranker,
            config=self.config,
        )

    def to_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Everything but the state of the voters, which are models of their own."""
        tensors, memory = self._fitted_memory().to_state()
        network, trees = ({}, None) if self.ranker is None else self.ranker.to_state()
        tensors |= named_under(_NETWORK, network)
        members = {}
        for name, engine in self._engines.items():
            own_tensors, own = (
                engine.to_state() if isinstance(engine, AlsRecommender | ItemKnnRecommender) else ({}, {})
            )
            tensors |= named_under(_member(name), own_tensors)
            members[name] = {"engine": engine.name, "depth": self.members[name].depth, "state": own}
        return tensors, {
            "config": to_dict(self.config),
            "members": members,
            "voters": list(self._voters),
            "memory": memory,
            "trees": trees,
        }

    @classmethod
    def from_state(
        cls,
        tensors: Mapping[str, Tensor],
        description: Mapping[str, Any],
        voters: Mapping[str, Recommender] | None = None,
    ) -> Self:
        """The ensemble that `to_state` described.

        Args:
            tensors: Its tensors.
            description: Its JSON data.
            voters: The fitted voters by name, of which it takes those it had.

        Raises:
            ModelFileError: If a part is missing or does not fit.
        """
        try:
            config = override(EnsembleConfig(), description["config"])
            memory = PlatformMemory.from_state(tensors, description["memory"])
            fitted = {
                name: restore(member["engine"], tensors_under(_member(name), tensors), member["state"], memory)
                for name, member in description["members"].items()
            }
            depths = {name: int(member["depth"]) for name, member in description["members"].items()}
            trees = description["trees"]
            chosen = {name: (voters or {})[name] for name in description["voters"]}
        except (ConfigError, KeyError, TypeError, ValueError) as error:
            raise ModelFileError(f"the file does not hold an ensemble: {error}") from error
        ensemble = cls({name: Member(make=type(fitted[name]), depth=depth) for name, depth in depths.items()}, config)
        if trees is not None:
            names = feature_names(list(ensemble.members))
            ensemble.ranker = Ranker.from_state(
                tensors_under(_NETWORK, tensors), trees, names, config.network, share=config.network_share
            )
        ensemble._memory, ensemble._engines, ensemble._voters = memory, fitted, chosen
        return ensemble

    def _fit_ranker(self, rows: RankingRows, names: Sequence[str]) -> Ranker:
        config = self.config
        return Ranker.fit(rows, names, config.ranker, config.network, share=config.network_share, seed=config.seed)

    def _training_rows(self, data: TrainingData, windows: Sequence[TimeWindow]) -> RankingRows | None:
        generator = np.random.default_rng(self.config.seed)
        parts = [self._window_rows(data, window, generator) for window in windows]
        found = [part for part in parts if part is not None]
        return RankingRows.concatenate(found) if found else None

    def _window_rows(
        self, data: TrainingData, window: TimeWindow, generator: np.random.Generator
    ) -> RankingRows | None:
        """The rows of one window, from members fitted strictly before it."""
        task = find_task(data, window, self.config.windows.policy)
        if task is None:
            return None
        earlier = data_before(data, window.start)
        memory = PlatformMemory.of(earlier)
        fitted = self._fit_members(earlier, memory)
        members = BoundMembers(task.catalogue, engines=fitted, depths=self._depths, memory=memory)
        return window_rows(task, members, self.config.windows.negatives, generator)

    def _fit_members(self, data: TrainingData, memory: PlatformMemory) -> dict[str, Recommender]:
        return {name: fit_member(member.make(), data, memory) for name, member in self.members.items()}

    def _bind_members(self, catalogue: Catalogue, begun: BoundMembers | None = None) -> BoundMembers:
        memory = self._fitted_memory()
        return BoundMembers(catalogue, engines=self._engines, depths=self._depths, memory=memory, begun=begun)

    def _fitted_memory(self) -> PlatformMemory:
        if self._memory is None:
            raise NotFittedError("the ensemble has not learned yet; call fit(data) first")
        return self._memory

    @property
    def _depths(self) -> dict[str, int]:
        return {name: member.depth for name, member in self.members.items()}


class EnsembleScorer(Scorer):
    """Members, voters and a ranker bound to one catalogue.

    Attributes:
        members: The engines that put startups forward.
        voters: Those that also vote.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        members: BoundMembers,
        voters: Mapping[str, Scorer],
        ranker: Ranker | None,
        config: EnsembleConfig,
    ) -> None:
        super().__init__(catalogue)
        self.members = members
        self.voters = voters
        self._ranker = ranker
        self._config = config

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N]; -inf for what no member puts forward. Comparable within one person only."""
        return self._scores(users, None)

    def rank(self, users: Sequence[UserState], k: int, allowed: BoolArray | None = None) -> Ranking:
        """The best `k`; the members put forward only what is allowed, so that the list is not short of candidates."""
        return top_k(self._scores(users, allowed), k, allowed)

    def contributions(
        self, user: UserState, columns: npt.NDArray[np.integer], startup_ids: Sequence[str]
    ) -> Contributions | None:
        """Those of the first voter that can tell: its vote is part of the score; the trees' part is no such sum."""
        if self._config.vote == 0:
            return None
        told = (voter.contributions(user, columns, startup_ids) for voter in self.voters.values())
        return next((one for one in told if one is not None), None)

    def _scores(self, users: Sequence[UserState], allowed: BoolArray | None) -> FloatArray:
        """float32 [B, N], person by person whichever way each is ranked."""
        shape = (len(users), len(self.catalogue))
        permitted = np.broadcast_to(True if allowed is None else allowed, shape)
        if self._ranker is None:
            return self._by_fusion(users, permitted)
        learned = self.members.know(users)
        scores = np.full(shape, -np.inf, dtype=np.float32)
        if learned.any():
            people = [users[row] for row in np.flatnonzero(learned).tolist()]
            scores[learned] = self._by_model(self._ranker, people, permitted[learned])
        if not learned.all():
            people = [users[row] for row in np.flatnonzero(~learned).tolist()]
            scores[~learned] = self._by_fusion(people, permitted[~learned])
        return scores

    def _by_model(self, ranker: Ranker, users: Sequence[UserState], allowed: BoolArray) -> FloatArray:
        votes = self._votes(users)
        candidates = self.members.candidates(self.members.scores(users), allowed, self._nominated(votes, allowed))
        pairs = candidates.pairs
        scores = ranker.predict(self.members.features(users, candidates), pairs)
        if votes:
            scores = blended(scores, [vote[pairs.user, pairs.column] for vote in votes], pairs, self._config.vote)
        return pairs.scatter(scores, len(self.catalogue))

    def _by_fusion(self, users: Sequence[UserState], allowed: BoolArray) -> FloatArray:
        scores = [*self.members.scores(users).values(), *self._votes(users)]
        return fuse([np.where(allowed, member, -np.inf) for member in scores], self._config.fusion)

    def _votes(self, users: Sequence[UserState]) -> list[FloatArray]:
        """float32 [B, N] of each voter."""
        return [voter.score(users) for voter in self.voters.values()]

    def _nominated(self, votes: Sequence[FloatArray], allowed: BoolArray) -> BoolArray:
        """bool [B, N]: what the voters put forward."""
        nominated = np.zeros(allowed.shape, dtype=np.bool_)
        for vote in votes:
            columns = top_k(vote, self._config.vote_depth, allowed).columns
            people, places = np.nonzero(columns >= 0)
            nominated[people, columns[people, places]] = True
        return nominated


def _member(name: str) -> str:
    """What the tensors of a member are named by."""
    return f"members.{name}."
