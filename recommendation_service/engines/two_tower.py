"""The two-tower engine: people and startups as unit vectors of one space, ranked by their cosine.

Source: Covington et al. 2016 ("Deep Neural Networks for YouTube Recommendations"); Yi et al. 2019.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from recommendation_service.engines.config_json import to_dict
from recommendation_service.engines.errors import ConfigError, ModelFileError, NotFittedError
from recommendation_service.engines.people_parts import PeopleParts, StartupParts
from recommendation_service.engines.recommender import Contributions, Recommender, Scorer
from recommendation_service.engines.retrieval.extended_index import extend_index
from recommendation_service.engines.retrieval.index_config import IndexConfig, IndexFactory
from recommendation_service.engines.retrieval.vector_index import SearchesVectors
from recommendation_service.engines.tower_model import BoundTowers, TowerModel
from recommendation_service.engines.tower_network import TowerNetwork
from recommendation_service.engines.tower_presets import load_towers, prepare_towers
from recommendation_service.engines.training_config import TrainingConfig, from_dict
from recommendation_service.engines.types import BoolArray, Catalogue, FloatArray, Ranking, TrainingData, UserState


class TwoTowerScorer(Scorer):
    """Trained towers bound to one catalogue, whose startups were encoded once."""

    def __init__(
        self, catalogue: Catalogue, towers: BoundTowers, network: TowerNetwork, index: SearchesVectors | None
    ) -> None:
        """Take over bound towers.

        Args:
            catalogue: That they are bound to.
            towers: The towers.
            network: What makes probabilities of their scores.
            index: Of the startups' vectors; None where scores are more than products of vectors.
        """
        super().__init__(catalogue)
        self.towers = towers
        self.network = network
        self.index = index

    @property
    def startup_vectors(self) -> FloatArray:
        """float32 [N, D]."""
        return self.towers.startup_vectors

    def user_vectors(self, users: Sequence[UserState]) -> FloatArray:
        """Vectors float32 [B, D]."""
        return self.towers.user_vectors(users)

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """Scores float32 [B, N]; the cosine of the vectors of both sides, where towers end in unit vectors."""
        return self.towers.score(users)

    def rank(self, users: Sequence[UserState], k: int, allowed: BoolArray | None = None) -> Ranking:
        """The best `k` allowed startups of each user, see `Scorer.rank`; from the index where there is one."""
        if self.index is None:
            return self.towers.rank(users, k, allowed)
        return self.index.search(self.user_vectors(users), k, allowed)

    def contributions(
        self, user: UserState, columns: npt.NDArray[np.integer], startup_ids: Sequence[str]
    ) -> Contributions | None:
        """How much of some scores what a person did makes up, where the towers add that up."""
        parts = self.towers.contributions(user, columns, startup_ids)
        return None if parts is None else Contributions(engine=TwoTowerRecommender.name, parts=parts)

    @property
    def people_key(self) -> Hashable:
        """People encoded by the same towers can be scored for any startup of theirs."""
        return self.network

    def people_parts(self, users: Sequence[UserState]) -> PeopleParts:
        """Parts of people, see `ScoresPeople`."""
        return self.towers.people_parts(users)

    def startup_parts(self, column: int) -> StartupParts:
        """Parts of a startup."""
        return self.towers.startup_parts(column)

    def lists_of(self, people: PeopleParts) -> FloatArray:
        """Scores from parts of people."""
        return self.towers.lists_of(people)

    def probability(self, scores: FloatArray) -> FloatArray:
        """How likely the model takes it that the person likes the startup, from scores of `score`, same shape."""
        logits = self.network.scale.item() * scores + self.network.bias.item()
        probability: FloatArray = (1.0 / (1.0 + np.exp(-logits))).astype(np.float32)
        return probability


class TwoTowerRecommender(Recommender):
    """Learns both towers; which ones, and from what, is the configuration's choice. It serves cold people.

    Attributes:
        build_index: Makes the index that catalogues are searched by; a deployment may set another.
    """

    name: ClassVar[str] = "two_tower"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, config: TrainingConfig | None = None) -> None:
        self.config = config or TrainingConfig()
        self.build_index: IndexFactory = IndexConfig().build
        self._model: TowerModel | None = None

    @classmethod
    def assemble(cls, config: TrainingConfig, model: TowerModel) -> Self:
        """A fitted engine around trained towers."""
        recommender = cls(config)
        recommender._model = model
        return recommender

    def fit(self, data: TrainingData) -> Self:
        """Train for all of `config.epochs`, without validation; `training.train` stops at the best epoch instead.

        Raises:
            TrainingError: If the rows cannot train the configured loss, or training does not stay finite.
        """
        training = prepare_towers(self.config, data, device=torch.device("cpu"))
        for epoch in range(self.config.epochs):
            training.fitter.run_epoch(epoch)
        self._model = training.model()
        return self

    def bind(self, catalogue: Catalogue) -> TwoTowerScorer:
        """Encode the catalogue once.

        Raises:
            NotFittedError: Before `fit`.
        """
        towers = self.model.bind(catalogue)
        index = self.build_index(towers.startup_vectors) if towers.scores_are_products else None
        return TwoTowerScorer(catalogue, towers, self.model.network, index)

    def extend(self, scorer: Scorer, catalogue: Catalogue) -> Scorer:
        """Encode what was added, see `Recommender.extend`."""
        if not isinstance(scorer, TwoTowerScorer) or scorer.network is not self.model.network:
            return self.bind(catalogue)
        towers = self.model.extend(scorer.towers, catalogue)
        index = scorer.index
        if index is not None:
            index = extend_index(index, towers.startup_vectors, self.build_index)
        return TwoTowerScorer(catalogue, towers, self.model.network, index)

    @property
    def model(self) -> TowerModel:
        """The trained towers.

        Raises:
            NotFittedError: Before `fit`.
        """
        if self._model is None:
            raise NotFittedError("the two-tower engine has not been trained; call fit or load a model")
        return self._model

    def to_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The model as named tensors and JSON data, for a bundle."""
        tensors, features = self.model.to_state()
        return tensors, {"config": to_dict(self.config), "features": features}

    @classmethod
    def from_state(cls, tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> Self:
        """The model that `to_state` described.

        Raises:
            ModelFileError: If the description or a tensor is missing, foreign or of another shape.
        """
        try:
            config = from_dict(description["config"])
            model = load_towers(config, tensors, description["features"])
        except (ConfigError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise ModelFileError(
                f"the file does not hold a two-tower model that fits its description: {error}"
            ) from error
        return cls.assemble(config, model)
